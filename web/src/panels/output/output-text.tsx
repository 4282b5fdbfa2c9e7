// What a program wrote, in the order it came. Errors are red and carry a sign. Long output stands in blocks of whole
// lines, which the browser lays out only where they are seen: a mebibyte must not hold up the page.
import type { OutputStream } from '../../protocol/events'

export interface OutputTextProps {
  output: readonly [OutputStream, string][]
}

interface Part {
  stream: OutputStream
  text: string
}

const blockCharacters = 8192
const linePixels = 20

/** What was written to one stream in a row is one part. */
export function partsOf(output: readonly [OutputStream, string][]): Part[] {
  const parts: Part[] = []
  for (const [stream, text] of output) {
    const last = parts.at(-1)
    if (last !== undefined && last.stream === stream) last.text += text
    else parts.push({ stream, text })
  }
  return parts
}

/** A newline between two lines that are not empty, so that a break of blocks in its place looks the same. */
function breakAfter(text: string, from: number): number {
  let at = text.indexOf('\n', from)
  while (at >= 0 && (text[at - 1] === '\n' || text[at + 1] === '\n' || at === text.length - 1)) at = text.indexOf('\n', at + 1)
  return at
}

/** Blocks that stay what they are when text is added at the end; the newlines between them are left out. */
export function blocksOf(text: string): string[] {
  const blocks: string[] = []
  let from = 0
  for (let at = breakAfter(text, blockCharacters); at >= 0; at = breakAfter(text, from + blockCharacters)) {
    blocks.push(text.slice(from, at))
    from = at + 1
  }
  blocks.push(text.slice(from))
  return blocks
}

export function OutputText({ output }: OutputTextProps) {
  if (output.length === 0) return null
  return (
    <pre class="run-output">
      {partsOf(output).map(({ stream, text }, index) => (
        <span key={index} class={stream}>
          {stream === 'stderr' ? <span class="unseen">Error output: </span> : null}
          <Blocks blocks={blocksOf(text)} />
        </span>
      ))}
    </pre>
  )
}

function Blocks({ blocks }: { blocks: readonly string[] }) {
  if (blocks.length === 1) return <>{blocks[0]}</>
  return (
    <>
      {blocks.map((block, index) => (
        <span key={index} class="output-block" style={{ containIntrinsicSize: `auto ${block.split('\n').length * linePixels}px` }}>
          {block}
        </span>
      ))}
    </>
  )
}
