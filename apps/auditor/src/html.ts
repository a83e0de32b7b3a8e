import {
  type AuditReport,
  type AuditedCallOut,
  type AuditedKey,
  type AuditedRelease,
  type AuditedStatement,
  instantOf,
} from '@chancery/protocol'
import {
  controlGroups,
  controlTitle,
  counted,
  fallWords,
  findingLine,
  heldWords,
  isAsNamed,
  kindTitle,
  readersIn,
  disputedLines,
  proofWords,
  spanWords,
  standingLines,
  slicesLine,
  tearLine,
  trustWords,
  withheldParts,
  tierWords,
  untoldLines,
  verdictLine,
  verdictOf,
  lifeLines,
  memberWords,
  versionLines,
} from './report.ts'
import { attributionLines, putLines, releaseLine, signatoryHead, signatoryLines } from './said.ts'

/** Text that is already markup: what `html` returns, and nothing else. */
type Markup = { readonly markup: string }
type Value = string | number | Markup | readonly Markup[]

/** Every value is escaped unless it is markup made here. */
function html(texts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: texts.map((text, i) => text + shown(values[i] ?? '')).join('') }
}

function shown(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value))
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('')
}

const escape = (text: string): string => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#111}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-top:1px solid #ccc}
code{font-size:.8em;overflow-wrap:anywhere}.verdict{padding:.8rem 1rem;border:3px solid;font-weight:bold}
.yes{border-color:#175c2b}.no{border-color:#a11}
blockquote{border-left:3px solid #888;margin:1rem 0;padding:0 1rem}.withheld{background:#eee;color:#444}`

const policy: Markup = { markup: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" }

/** The report as one page that fetches nothing and runs nothing. */
export function htmlReport(report: AuditReport): string {
  return `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width" />
        <title>Audit of an evidence folder</title>
        <style>
          ${{ markup: style }}
        </style>
      </head>
      <body>
        <h1>Audit of an evidence folder</h1>
        <p class="verdict ${report.ok ? 'yes' : 'no'}">${verdictLine(report)}</p>
        ${untoldLines(report).map(line => html`<p>${line}</p>`)} ${findings(report)}${folder(report)}
        ${charter(report)}${trust(report)}${fall(report)}${statements(report)}${callOuts(report)}${control(report)}
        ${proofs(report)}
      </body>
    </html>`.markup
  }\n`
}

const nothing: Markup = { markup: '' }

function findings({ findings: list }: AuditReport): Markup {
  const items = list.map(each => html`<li>${findingLine(each).trim()}</li>`)
  return items.length === 0
    ? nothing
    : html`<h2>Findings</h2>
        <ol>
          ${items}
        </ol>`
}

function folder(report: AuditReport): Markup {
  const { origin, size, root, genesis, reader, exportedBy, pinned, withheld } = report
  const named = isAsNamed(report) ? 'as named by the reader' : 'not the one that the reader named'
  if (origin === undefined) return nothing
  const entries = counted(withheld.entries, 'log entry', 'log entries')
  return html`<h2>Folder</h2>
    <table>
      <tr>
        <th>For</th>
        <td>${readersIn(reader)}</td>
      </tr>
      <tr>
        <th>Exported by, as it says</th>
        <td>${exportedBy ?? ''}</td>
      </tr>
      <tr>
        <th>Log</th>
        <td>${origin}, size ${size ?? 0}, root <code>${root ?? ''}</code></td>
      </tr>
      <tr>
        <th>Charter fingerprint</th>
        <td>
          <code>${genesis ?? ''}</code>
          ${pinned ? named : 'to be compared by voice'}
        </td>
      </tr>
      <tr>
        <th>Withheld</th>
        <td>${entries}, ${withheldParts(withheld.slots, withheld.slices)}</td>
      </tr>
    </table>`
}

function charter({ charter: held }: AuditReport): Markup {
  if (held === undefined) return nothing
  const { name, version, inForceFrom: from, members } = held
  const versions = [...lifeLines(held), ...versionLines(held)]
  const force = from === undefined ? 'not in force' : `in force from index ${from}`
  return html`<h2>Charter</h2>
    <p>${name}, version ${version}, ${force}</p>
    ${versions.length === 0 ? nothing : list(versions)}
    <table>
      <tr>
        <th>Member</th>
        <th>Adopted</th>
        <th>Keys that sign</th>
      </tr>
      ${members.map(
        member =>
          html`<tr>
            <td>${member.id} (${member.name})</td>
            <td>${memberWords(member)}</td>
            <td>${held.keys.filter(key => key.member === member.id).map(keyLine)}</td>
          </tr>`,
      )}
    </table>`
}

const keyLine = (key: AuditedKey): Markup =>
  html`${key.use}, ${key.alg}${spanWords(key)}: <code>${key.kid}</code><br />`

/** Who has cosigned the log, and what is left of it when one family of signatures is broken. */
function trust(report: AuditReport): Markup {
  const said = trustWords(report)
  return said.length === 0
    ? nothing
    : html`<h2>Witnesses</h2>
        ${list(said)}`
}

function fall(report: AuditReport): Markup {
  const words = fallWords(report)
  return words === undefined
    ? nothing
    : html`<h2>If Ed25519 falls</h2>
        <p>${words}.</p>`
}

function control(report: AuditReport): Markup {
  const groups = controlGroups(report)
  if (groups.length === 0) return nothing
  return html`<h2>${controlTitle}</h2>
    <ul>
      ${groups.map(([first = '', ...more]) => html`<li>${first}${more.length === 0 ? nothing : list(more)}</li>`)}
    </ul>`
}

const list = (lines: readonly string[]): Markup =>
  html`<ul>
    ${lines.map(line => html`<li>${line}</li>`)}
  </ul>`

function statements({ statements: rows, reader }: AuditReport): Markup {
  if (rows.length === 0) return nothing
  return html`<h2>Statements in log order</h2>
    <table>
      <tr>
        <th>Index</th>
        <th>When, as its author says</th>
        <th>Who</th>
        <th>What</th>
        <th>Tier</th>
      </tr>
      ${rows.map(row => statementRow(row, reader))}
    </table>`
}

function statementRow(statement: AuditedStatement, reader: AuditReport['reader']): Markup {
  const { index, iat, iss, kind, title, sid, kid, exercise, tear, slices } = statement
  const lines = tear.map(line => html`<br /><span class="${line.open ? 'open' : 'withheld'}">${tearLine(line)}</span>`)
  const held = [...standingLines(statement), ...heldWords(statement)].map(line => html`<br />${line}`)
  const sliced = slices === undefined ? '' : html`<br /><span class="withheld">${slicesLine(slices)}</span>`
  return html`<tr>
    <td>${index}</td>
    <td>${instantOf(iat)}</td>
    <td>${iss}</td>
    <td>
      ${exercise ? 'EXERCISE. ' : ''}${kindTitle(kind)}${title === undefined ? '' : `: ${title}`}<br />
      <code>${sid}</code> signed with <code>${kid}</code>${held}${lines}${sliced}
    </td>
    <td class="tier">${tierWords(statement, reader)}</td>
  </tr>`
}

function callOuts({ callouts }: AuditReport): Markup {
  return callouts.length === 0
    ? nothing
    : html`<h2>Call-outs</h2>
        ${callouts.map(callOut)}`
}

function callOut(row: AuditedCallOut): Markup {
  const { title, phase, exercise, proposal, by, form, attributions, text, texts = [], release } = row
  const said = [...putLines(row), ...disputedLines(row)]
  return html`<h3>${exercise ? 'EXERCISE. ' : ''}${title}: ${phase}</h3>
    <p>
      Proposal <code>${proposal}</code> by ${by}: ${form}${text === undefined ? '' : html`, text <code>${text}</code>`}
    </p>
    ${attributions.map(each => paragraph(attributionLines(each)))}${texts.map(words)}
    ${said.map(line => html`<p>${line}</p>`)}${release === undefined ? nothing : released(row, release)}`
}

const words = ({ lang, title, text }: NonNullable<AuditedCallOut['texts']>[number]): Markup =>
  html`<blockquote lang="${lang}" dir="auto">
    <p><strong>${title}</strong> (${lang})</p>
    ${paragraph(text.split('\n'))}
  </blockquote>`

const paragraph = (lines: readonly string[]): Markup => html`<p>${lines.map(line => html`${line}<br />`)}</p>`

function released(row: AuditedCallOut, release: AuditedRelease): Markup {
  const { verdict, withheld, signatories, leftOut } = release
  const why = 'has joined and is not in it; a withheld answer may have taken that back'
  return html`<p>${releaseLine(release)}. ${verdictOf(verdict, withheld).join(' ')}</p>
    <ul>
      ${signatories.map(each => html`<li>${paragraph([signatoryHead(each), ...signatoryLines(row, each)])}</li>`)}
    </ul>
    ${leftOut.map(member => html`<p>${member} ${why}.</p>`)}`
}

function proofs({ proofs: counts }: AuditReport): Markup {
  return html`<h2>Proofs that hold</h2>
    <ul>
      ${proofWords(counts).map(line => html`<li>${line}</li>`)}
    </ul>`
}
