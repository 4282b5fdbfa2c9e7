// The room's links. A host has one for each role, and says what whoever has the plain address may do; copying the
// viewer's link makes that "view" as well, says so, and offers to keep it as it was.
import { useEffect, useState } from 'preact/hooks'
import type { ReadonlySignal } from '@preact/signals'
import { sentence } from '../../api/problem'
import { changeRoom, getRoom, type RoomInfo } from '../../api/rooms'
import type { GuestRole, Member } from '../../protocol/events'
import { Button } from '../../ui/button'
import { copyText } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'
import { Problem } from '../../ui/field'
import type { NameChange } from './keep-name'
import { Invites } from './invites'
import { LinkRow } from './link-row'
import { OwnName } from './own-name'
import './share.css'

export interface ShareDialogProps {
  id: string
  me: ReadonlySignal<Member | null>
  /** Changes one's own name; false: not connected. */
  change(change: NameChange): boolean
  onClose(): void
}

export function ShareDialog({ id, me, change, onClose }: ShareDialogProps) {
  const [info, setInfo] = useState<RoomInfo | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const role = me.value?.role

  const load = () => {
    setProblem(null)
    getRoom(id).then(setInfo, (error: unknown) => setProblem(`${sentence(error)} The address of this page lets people in, too.`))
  }
  useEffect(load, [id, role])

  return (
    <Dialog title="Share this room" onClose={onClose}>
      <OwnName me={me} change={change} />
      {problem === null ? null : (
        <div class="share-problem">
          <Problem text={problem} />
          <Button onClick={load}>Try again</Button>
        </div>
      )}
      <Links info={info} failed={problem !== null} onInfo={setInfo} />
      <p class="share-code muted">
        Or say the code: <strong class="share-letters">{id}</strong>
      </p>
    </Dialog>
  )
}

/** Without an answer the address of the page still lets people in. */
function Links({ info, failed, onInfo }: { info: RoomInfo | null; failed: boolean; onInfo(info: RoomInfo): void }) {
  if (info === null) return failed ? <RoomLink link={location.href.split('#')[0] ?? ''} /> : <LinksSkeleton />
  if (info.links === null) return <RoomLink link={info.room_link} guests={info.guest_role} />
  return <HostLinks info={info} onInfo={onInfo} />
}

function LinksSkeleton() {
  return (
    <div role="status">
      <span class="unseen">Loading the links…</span>
      <div class="skeleton share-skeleton" />
      <div class="skeleton share-skeleton" />
    </div>
  )
}

const guestWords: Record<GuestRole, string> = {
  editor: 'Whoever opens it joins and can write.',
  viewer: 'Whoever opens it joins and can view and chat.',
  none: 'Only people who were here before can come in with it. Ask a host for an invitation.',
}

function RoomLink({ link, guests }: { link: string; guests?: GuestRole }) {
  return <LinkRow title="Link to this room" says={guests === undefined ? '' : guestWords[guests]} link={link} main />
}

function HostLinks({ info, onInfo }: { info: RoomInfo; onInfo(info: RoomInfo): void }) {
  const [before, setBefore] = useState<GuestRole | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const { links } = info
  if (links === null) return null

  const setGuests = async (guests: GuestRole) => {
    try {
      onInfo(await changeRoom(info.id, { guest_role: guests }))
      setProblem(null)
      return true
    } catch (error) {
      setProblem(`Who may come in was not changed. ${sentence(error)}`)
      return false
    }
  }
  /** A viewer's link is of no use while its address, without the key, lets people write. */
  const copyViewer = async () => {
    const copied = await copyText(links.viewer)
    if (info.guest_role === 'editor' && (await setGuests('viewer'))) setBefore('editor')
    return copied
  }
  const keep = async () => {
    if (before !== null && (await setGuests(before))) setBefore(null)
  }

  return (
    <>
      <LinkRow title="To write together" says="Whoever has it can write and run code." link={links.editor} main />
      <LinkRow title="To view" says="Whoever has it sees everything and can chat." link={links.viewer} onCopy={copyViewer} />
      {before === null ? null : (
        <div class="share-note" role="status">
          <p>The address without its key now lets people only view, so that viewers stay viewers.</p>
          <Button onClick={keep}>Keep it open for writing</Button>
        </div>
      )}
      <LinkRow title="To host" says="Whoever has it can do all that you can: give it to people you trust." link={links.host} />
      <Invites id={info.id} />
      <Guests value={info.guest_role} onChange={(guests) => (setBefore(null), void setGuests(guests))} />
      {problem === null ? null : <Problem text={problem} />}
    </>
  )
}

const guestChoices: { value: GuestRole; text: string }[] = [
  { value: 'editor', text: 'can write' },
  { value: 'viewer', text: 'can only view' },
  { value: 'none', text: 'cannot come in' },
]

function Guests({ value, onChange }: { value: GuestRole; onChange(value: GuestRole): void }) {
  return (
    <label class="share-guests">
      <span>Whoever has only the code or the plain address</span>
      <select class="input" value={value} onChange={(event) => onChange(event.currentTarget.value as GuestRole)}>
        {guestChoices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    </label>
  )
}
