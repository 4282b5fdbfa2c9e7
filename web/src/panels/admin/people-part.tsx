// Who is connected, where, since when and from where; somebody can be removed from a room, or banned.
import { useState } from 'preact/hooks'
import { type PersonRow, removeMember } from '../../api/admin'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { act } from './acting'
import { at } from './at'
import { BanForm, type BanFormProps } from './ban-form'
import { type Column, DataTable } from './data-table'
import { type Fact, Facts } from './facts'
import { useNow } from './now'
import type { Watch } from './watch'
import { ageWords, figureWords } from './words'

function columnsAt(now: number): Column<PersonRow>[] {
  return [
    {
      id: 'name',
      title: 'Person',
      width: 'minmax(120px, 2fr)',
      value: (person) => person.name,
      cell: (person) => (
        <span class="row-title">
          <Avatar name={person.name} color={person.color} small />
          <span>{person.name}</span>
        </span>
      ),
    },
    { id: 'role', title: 'Role', width: '80px', wide: true, value: (person) => person.role, cell: (person) => person.role },
    { id: 'room', title: 'Room', width: 'minmax(116px, 1fr)', value: (person) => person.room, cell: (person) => <code>{person.room}</code> },
    { id: 'since', title: 'Here for', width: '84px', number: true, wide: true, value: (person) => now - person.since, cell: (person) => ageWords(now - person.since) },
    { id: 'address', title: 'Address', width: 'minmax(132px, 1fr)', wide: true, value: (person) => person.address, cell: (person) => <code>{person.address}</code> },
    { id: 'account', title: 'Account', width: '88px', wide: true, value: (person) => person.account, cell: (person) => (person.account === null ? '–' : 'yes') },
    { id: 'rate', title: 'Per second', width: '104px', number: true, value: (person) => person.rate, cell: (person) => figureWords(person.rate) },
  ]
}

type Banning = Pick<BanFormProps, 'kind' | 'subject' | 'who'>

export function PeoplePart({ watch }: { watch: Watch }) {
  const now = useNow(watch)
  const [banning, setBanning] = useState<Banning | null>(null)
  return (
    <>
      <DataTable
        label="People"
        filter="Find somebody by name, room, address or role"
        rows={watch.people.rows.value}
        columns={columnsAt(now)}
        first={{ column: 'rate', down: true }}
        text={(person) => `${person.name} ${person.room} ${person.address} ${person.role} ${person.account ?? ''}`}
        open={(person) => <Acts watch={watch} person={person} now={now} onBan={setBanning} />}
        empty="Nobody is connected now."
      />
      {banning === null ? null : (
        <BanForm
          {...banning}
          onClose={() => setBanning(null)}
          onDone={() => {
            setBanning(null)
            void watch.now()
          }}
        />
      )}
    </>
  )
}

function Acts({ watch, person, now, onBan }: { watch: Watch; person: PersonRow; now: number; onBan(banning: Banning): void }) {
  const { name, account, address } = person
  const facts: Fact[] = [
    ['Room', <code key="room">{person.room}</code>],
    ['Role', person.role],
    ['Here for', ageWords(now - person.since)],
    ['Address', <code key="address">{address === '' ? 'not known' : address}</code>],
    ['Account', account === null ? 'none' : <code key="account">{account}</code>],
    ['Client', person.page ? 'speaks fourhands.v1' : 'y-websocket'],
    ...at(watch, [person.instance]),
  ]
  return (
    <>
      <Facts facts={facts} />
      <div class="desk-acts">
        <Button onClick={() => void act(watch, removeMember(person.room, person.member), `${name} was removed from the room.`)}>Remove from the room</Button>
        {account === null ? (
          <Button onClick={() => onBan({ kind: 'member', subject: `${person.room}/${person.member}`, who: `${name} from this room` })}>Ban from the room…</Button>
        ) : (
          <Button onClick={() => onBan({ kind: 'account', subject: account, who: name })}>Ban the account…</Button>
        )}
        {address === '' ? null : (
          <Button kind="danger" onClick={() => onBan({ kind: 'address', subject: address, who: `${name}’s address` })}>
            Ban the address…
          </Button>
        )}
      </div>
    </>
  )
}
