// The frame of the quiet pages before and after a room: the mark above, one thing to do below.
import type { ComponentChildren } from 'preact'
import { Button } from './button'
import { Mark } from './mark'

export interface PageProps {
  title: ComponentChildren
  children: ComponentChildren
  onLanding?: () => void
}

export function Page({ title, children, onLanding }: PageProps) {
  return (
    <div class="page">
      <header class="page-head">
        {onLanding === undefined ? (
          <span class="brand">
            <Mark /> fourhands
          </span>
        ) : (
          <button type="button" class="brand" onClick={onLanding} aria-label="fourhands, first page">
            <Mark /> fourhands
          </button>
        )}
      </header>
      <main class="page-body">
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  )
}

export function NoSuchPage({ onLanding }: { onLanding(): void }) {
  return (
    <Page title="There is no page here" onLanding={onLanding}>
      <p>Check the address, or open a room from the first page.</p>
      <Button kind="primary" class="large" onClick={onLanding}>
        Go to the first page
      </Button>
    </Page>
  )
}
