/**
 * Files on the bridge: their bytes go beside the JSON that names them, as `crates/contract/src/bytes.rs` says. A value without any
 * stays JSON.
 */

/** A value as JSON, or as a frame where there are bytes in it. */
export function pack(value: unknown): string | Uint8Array<ArrayBuffer> {
  const bytes: Uint8Array[] = []
  const json = JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? { $bytes: bytes.push(inner) - 1 } : inner,
  )
  if (bytes.length === 0) return json
  const parts = [new TextEncoder().encode(json), ...bytes]
  const frame = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  const view = new DataView(frame.buffer)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.length, true)
    frame.set(part, at + 4)
    at += 4 + part.length
  }
  return frame
}

/** The value of a frame. */
export function unpack(frame: ArrayBuffer): unknown {
  const view = new DataView(frame)
  const parts: Uint8Array[] = []
  for (let at = 0; at < frame.byteLength;) {
    const length = view.getUint32(at, true)
    parts.push(new Uint8Array(frame, at + 4, length))
    at += 4 + length
  }
  const [json, ...bytes] = parts
  return JSON.parse(new TextDecoder().decode(json), (_, inner: unknown) => {
    const place = (inner as { $bytes?: unknown } | null)?.$bytes
    return typeof place === 'number' ? bytes[place] : inner
  })
}
