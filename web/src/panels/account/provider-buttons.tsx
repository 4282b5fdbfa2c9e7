// Ways in by somebody else's login (OpenID Connect): a button for each provider of this server.
import { goToProvider, type Provider, type ProviderWish } from '../../api/accounts'
import { Button } from '../../ui/button'
import { Problem } from '../../ui/field'
import { enterProblem } from './account-words'
import { useActing } from './acting'

export function ProviderButtons({ providers, wish }: { providers: readonly Provider[]; wish: ProviderWish }) {
  const { busy, problem, act } = useActing(enterProblem)
  if (providers.length === 0) return null
  return (
    <div class="own-providers">
      <p class="own-or muted" aria-hidden="true">
        or
      </p>
      {providers.map(({ id, name }) => (
        <Button key={id} class="large" icon="arrow-right" aria-disabled={busy} onClick={() => act(() => goToProvider(id, wish))}>
          Go on with {name}
        </Button>
      ))}
      <div aria-live="polite">{problem === null ? null : <Problem text={problem} />}</div>
    </div>
  )
}
