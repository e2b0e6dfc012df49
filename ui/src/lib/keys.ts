/** Names a command, so that said again after a lost answer it is the same one. A new one for whatever is meant anew. */
export function newKey(): string {
  return crypto.randomUUID()
}
