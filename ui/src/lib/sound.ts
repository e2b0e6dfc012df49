let context: AudioContext | null = null

/** Two short soft tones. Silent where the system gives no sound. */
export function chime(): void {
  try {
    context ??= new AudioContext()
    if (context.state === 'suspended') void context.resume()
    const start = context.currentTime + 0.01
    tone(context, 587.33, start, 0.16)
    tone(context, 880, start + 0.11, 0.24)
  } catch {
    // No sound is no reason to lose a notice.
  }
}

function tone(audio: AudioContext, hertz: number, start: number, seconds: number): void {
  const source = audio.createOscillator()
  const volume = audio.createGain()
  source.type = 'sine'
  source.frequency.value = hertz
  volume.gain.setValueAtTime(0, start)
  volume.gain.linearRampToValueAtTime(0.12, start + 0.012)
  volume.gain.exponentialRampToValueAtTime(0.0001, start + seconds)
  source.connect(volume).connect(audio.destination)
  source.start(start)
  source.stop(start + seconds + 0.02)
}
