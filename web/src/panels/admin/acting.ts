// Does what a button stands for: says what came of it, and looks at the server anew.
import { sentence } from '../../api/problem'
import { toast } from '../../ui/toasts'
import type { Watch } from './watch'

/** Whether it was done. */
export async function act(watch: Watch, doing: Promise<unknown>, done: string): Promise<boolean> {
  try {
    await doing
  } catch (error) {
    toast(sentence(error), { bad: true })
    return false
  }
  toast(done)
  void watch.now()
  return true
}
