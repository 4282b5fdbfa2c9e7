// Where whoever runs the server has turned accounts off.
import { useEffect } from 'preact/hooks'
import { Button } from '../../ui/button'
import { Page } from '../../ui/page'

export function NoAccounts({ onLanding }: { onLanding(): void }) {
  useEffect(() => {
    document.title = 'No accounts here · fourhands'
  }, [])
  return (
    <Page title="There are no accounts here" onLanding={onLanding}>
      <p>Whoever runs this server has turned them off. Nobody needs one: open a room, or join with a link and a name.</p>
      <Button kind="primary" class="large" onClick={onLanding}>
        Go to the first page
      </Button>
    </Page>
  )
}
