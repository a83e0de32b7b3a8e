import { describe, expect, test } from 'vitest'
import {
  anchorsOf,
  checkClauses,
  checkCommands,
  checkLinks,
  checkTestsNamed,
  checkVectorsNamed,
  slugOf,
} from './anchors.ts'
import { checkDependencyLines, checkLockfile, checkNoInstallScripts, parseLockfile, runtimeTree } from './lockfile.ts'
import {
  checkArrows,
  checkKnobs,
  checkMachinePaths,
  checkPostponed,
  checkPurity,
  checkSize,
  importsOf,
} from './tidy.ts'

const file = (path: string, text: string) => ({ path, text })
const imports = (path: string, name: string) => checkArrows(file(path, `import { x } from '${name}'\n`))

describe('imports against the arrows are refused', () => {
  test.each([
    ['packages/protocol/src/wire/a.ts', '../log/b.ts'],
    ['packages/protocol/src/audit/a.ts', '../interop/b.ts'],
    ['packages/protocol/src/view/a.ts', '../index.ts'],
    ['packages/protocol/src/view/a.ts', 'node:fs'],
    ['packages/protocol/src/view/a.ts', 'hono'],
    ['packages/store/src/a.ts', '@chancery/client'],
    ['packages/client/src/a.ts', 'hono'],
    ['packages/client/src/a.ts', '@chancery/protocol/src/wire/bytes.ts'],
    ['apps/auditor/src/a.ts', '@chancery/client'],
    ['apps/auditor/src/a.ts', '@chancery/store'],
    ['apps/auditor/src/a.ts', 'node:net'],
    ['apps/auditor/src/a.ts', 'node:dns/promises'],
    ['apps/relay/src/a.ts', '@chancery/partner'],
    ['apps/relay/src/a.ts', '@chancery/client'],
    ['apps/relay/src/a.ts', '../../partner/src/b.ts'],
    ['apps/relay/src/a.test.ts', '../../../test/world.ts'],
    ['packages/protocol/src/view/a.ts', 'vitest'],
    ['packages/protocol/src/wire/a.ts', '@chancery/native'],
    ['packages/native/src/a.ts', '@chancery/store'],
    ['apps/partner/src/a.ts', '@chancery/native'],
    ['apps/relay/src/a.ts', 'sodium-native'],
  ])('%s from %s', (path, name) => {
    expect(imports(path, name)).toHaveLength(1)
  })

  test.each([
    ['packages/protocol/src/log/a.ts', '../wire/b.ts'],
    ['packages/protocol/src/index.ts', './audit/b.ts'],
    ['packages/protocol/src/log/a.test.ts', 'node:fs'],
    ['packages/client/src/a.ts', 'ws'],
    ['apps/relay/src/routes/a.ts', '../admit.ts'],
    ['apps/auditor/src/a.ts', 'node:fs/promises'],
    ['test/world.ts', '@chancery/relay/src/app.ts'],
  ])('while %s may import %s', (path, name) => {
    expect(imports(path, name)).toEqual([])
  })

  test('every form of import is seen, and none in a comment', () => {
    const text = [
      "import type { a } from './a.ts'",
      "import './b.ts'",
      "export * from './c.ts'",
      "const d = await import('./d.ts')",
      "const g = require('./g.ts')",
      'import {',
      '  e,',
      "} from './e.ts'",
      "// import { f } from './f.ts'",
      "const url = 'https://x' // from './g.ts'",
    ].join('\n')
    expect(importsOf(text).sort()).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './g.ts'])
  })
})

describe('impure code is refused', () => {
  const pure = (text: string) => checkPurity(file('packages/protocol/src/wire/a.ts', text))
  test.each([
    'Date.now()',
    'new Date(0)',
    'Math.random()',
    'process.env',
    'Buffer.from([])',
    'fetch(url)',
    '`${Date.now()}`',
  ])('%s', text => {
    expect(pure(`const x = ${text}`)).toHaveLength(1)
  })
  test('a word in a comment or a text is not a use', () => {
    expect(pure("// the Date of a process\nconst x = 'fetch'\n/** Buffer */\nconst toDate = 1")).toEqual([])
  })
  test('the auditor may not fetch', () => {
    expect(checkPurity(file('apps/auditor/src/a.ts', 'await fetch(url)'))).toHaveLength(1)
    expect(checkPurity(file('apps/relay/src/a.ts', 'Date.now()'))).toEqual([])
  })
  test('nothing but packages/native loads by a name that no rule sees', () => {
    for (const folder of ['packages/protocol', 'packages/store', 'packages/client', 'apps/auditor', 'apps/relay'])
      expect(checkPurity(file(`${folder}/src/a.ts`, 'createRequire(here)'))).toHaveLength(1)
    expect(checkPurity(file('packages/native/src/a.ts', 'createRequire(here)'))).toEqual([])
  })
})

describe('small rules', () => {
  test('a file of 501 lines is too long, one of 500 is not', () => {
    expect(checkSize(file('a.ts', 'x\n'.repeat(500)))).toEqual([])
    expect(checkSize(file('a.ts', 'x\n'.repeat(501)))).toHaveLength(1)
  })
  test('a line of 121 columns is too wide, one of 120 is not', () => {
    expect(checkSize(file('a.ts', 'x'.repeat(120)))).toEqual([])
    expect(checkSize(file('a.ts', 'x'.repeat(121)))).toHaveLength(1)
  })
  test('what is left for later is refused', () => {
    expect(checkPostponed(file('a.md', `one\n// TO${''}DO: two`))).toEqual(['a.md:2 postpones something'])
    expect(checkPostponed(file('a.md', 'todos and methods'))).toEqual([])
  })
  test('a path of one machine is refused, an address is not', () => {
    expect(checkMachinePaths(file('a.md', ['see /ho', 'me/someone/x'].join('')))).toHaveLength(1)
    expect(checkMachinePaths(file('a.md', ['https://state.example/ro', 'ot/x'].join('')))).toEqual([])
  })
  test('a knob without a page or a reason is refused', () => {
    const pages = [file('README.md', 'Set `CHANCERY_PORT`.')]
    expect(checkKnobs([{ name: 'CHANCERY_PORT', why: 'where it listens' }], pages)).toEqual([])
    expect(
      checkKnobs(
        [
          { name: 'CHANCERY_PORT', why: '' },
          { name: 'CHANCERY_DATA', why: 'x' },
        ],
        pages,
      ),
    ).toHaveLength(2)
  })
})

describe('clauses, links and commands', () => {
  const page = file('spec/06-log.md', '# The log\n## Proofs\n## Proofs\n```\n## Not this\n```\n<a id="entries"></a>\n')
  const pages = new Map([['06-log.md', page]])

  test('headings become anchors as GitHub makes them', () => {
    expect(slugOf('The `callout.join` kind (2 parts): why?')).toBe('the-calloutjoin-kind-2-parts-why')
    expect(slugOf('[Log & tree](x.md)')).toBe('log--tree')
    expect([...anchorsOf(page.text)].sort()).toEqual(['entries', 'proofs', 'proofs-1', 'the-log'])
  })
  test.each(['spec/06-log.md#not-this', 'spec/06-log.md#tiles', 'spec/77-none.md', "row('x', 400, '06-log.md#tiles')"])(
    '%s is refused',
    text => {
      expect(checkClauses([file('a.ts', `// ${text}`)], pages)).toHaveLength(1)
    },
  )
  test('a clause that exists holds, in the code and in the failure table', () => {
    expect(checkClauses([file('a.ts', "// (spec/06-log.md#proofs).\nrow('06-log.md#entries')")], pages)).toEqual([])
  })
  test('a link to nothing is refused', () => {
    const files = new Map([[page.path, page]])
    const links = (text: string) => checkLinks(file('spec/README.md', text), files)
    expect(links('[a](06-log.md#proofs) [b](https://state.example) [c](../spec/)')).toEqual([])
    expect(links('[a](06-log.md#none)')).toHaveLength(1)
    expect(links('[a](07-none.md)')).toHaveLength(1)
  })
  test('a test that is gone is missed by the page that names it', () => {
    const files = new Map([['test/a.test.ts', file('test/a.test.ts', '')]])
    const named = (text: string) => checkTestsNamed(file('spec/threats.md', text), files)
    expect(named('`test/a.test.ts` and `test/b.ts`')).toEqual([])
    expect(named('`test/b.test.ts`')).toEqual(['spec/threats.md names test/b.test.ts, which does not exist'])
  })
  test('a vector that is gone is missed by the page that names it', () => {
    const files = new Map([['spec/vectors/a.json', file('spec/vectors/a.json', '{"cases":[{"name":"one \\"a\\""}]}')]])
    const named = (text: string) => checkVectorsNamed(file('spec/threats.md', text), files)
    expect(named('`vectors/a.json` and `vectors/a.json` “one "a"”')).toEqual([])
    expect(named('`vectors/b.json`')).toEqual(['spec/threats.md names vectors/b.json, which does not exist'])
    expect(named('`vectors/a.json` “two”').join()).toContain('“two” of vectors/a.json, which has no such case')
  })
  test('a command that is no script is refused', () => {
    const scripts = new Set(['demo', 'test'])
    expect(checkCommands(file('README.md', '`npm run demo`, `npm test`, `pnpm demo`'), scripts)).toEqual([])
    expect(checkCommands(file('README.md', '`npm run nothing`, `pnpm nothing`'), scripts)).toHaveLength(2)
  })
})

describe('dependencies', () => {
  const digest = `sha512-${'A'.repeat(86)}==`
  const lock = [
    'importers:',
    '  .:',
    '    devDependencies:',
    '      vitest:',
    '        version: 5.0.0',
    '  apps/relay:',
    '    dependencies:',
    "      '@a/b':",
    "        specifier: 'catalog:'",
    '        version: 1.0.0(@p/q@2.0.0)',
    '      self:',
    '        version: link:../self',
    'packages:',
    "  '@a/b@1.0.0':",
    `    resolution: {integrity: ${digest}}`,
    '  c@2.0.0:',
    `    resolution: {integrity: ${digest}}`,
    'snapshots:',
    "  '@a/b@1.0.0(@p/q@2.0.0)':",
    '    dependencies:',
    '      c: 2.0.0',
    '  c@2.0.0: {}',
    '',
  ].join('\n')

  test('the runtime tree is followed all the way down, without the tools', () => {
    expect(runtimeTree(parseLockfile(lock))).toEqual(['@a/b', 'c'])
  })
  test('an entry without a digest, from elsewhere or with a build is refused', () => {
    expect(checkLockfile(lock)).toEqual([])
    const elsewhere = lock.replace(`{integrity: ${digest}}`, '{tarball: https://state.example/b.tgz}')
    expect(checkLockfile(elsewhere)).toHaveLength(1)
    expect(checkLockfile(lock.replace('  c@2.0.0:\n', '  c@2.0.0:\n    requiresBuild: true\n'))).toHaveLength(1)
    expect(checkLockfile('')).toHaveLength(1)
  })
  test('a script that runs at install time is refused', () => {
    const workspace = 'onlyBuiltDependencies: []\nignoreScripts: true\n'
    const manifest = file('package.json', '{"scripts":{"preinstall":"x","pretest":"y"}}')
    expect(checkNoInstallScripts(workspace, [manifest])).toHaveLength(1)
    expect(checkNoInstallScripts('ignoreScripts: false\n', [])).toHaveLength(1)
  })
  test('a dependency without its line is refused', () => {
    const complaints = checkDependencyLines(['jose', 'ws'], 'We use `jose` because …')
    expect(complaints).toEqual(['ARCHITECTURE.md has no line for `ws`'])
  })
})
