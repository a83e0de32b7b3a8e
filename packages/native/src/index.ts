export { ed25519By, primitives } from './primitives.ts'
