// Something that is sent to the server by a press: once at a time, with what went wrong.
import { useState } from 'preact/hooks'
import { sentence } from '../../api/problem'

export function useActing(words: (error: unknown) => string = sentence) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await work()
    } catch (error) {
      setProblem(words(error))
    }
    setBusy(false)
  }
  return { busy, problem, act }
}
