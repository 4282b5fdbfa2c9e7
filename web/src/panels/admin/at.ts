// At which instances something is, as a fact; nothing where there is but one.
import type { Fact } from './facts'
import { instanceNames } from './instance-name'
import type { Watch } from './watch'

export function at(watch: Watch, instances: readonly string[]): Fact[] {
  const all = watch.server.value?.instances ?? []
  return all.length < 2 ? [] : [['At', instanceNames(instances, all)]]
}
