// What a program wrote, in the order it came. Errors are red and carry a sign; each piece is one text node, so that only
// the last one changes while the program writes.
import type { OutputStream } from '../../protocol/events'

export interface OutputTextProps {
  output: readonly [OutputStream, string][]
}

interface Block {
  stream: OutputStream
  pieces: string[]
}

/** Pieces of one stream in a row stand in one block. */
export function blocksOf(output: readonly [OutputStream, string][]): Block[] {
  const blocks: Block[] = []
  for (const [stream, text] of output) {
    const last = blocks.at(-1)
    if (last !== undefined && last.stream === stream) last.pieces.push(text)
    else blocks.push({ stream, pieces: [text] })
  }
  return blocks
}

export function OutputText({ output }: OutputTextProps) {
  if (output.length === 0) return null
  return (
    <pre class="run-output">
      {blocksOf(output).map((block, index) => (
        <span key={index} class={block.stream}>
          {block.stream === 'stderr' ? <span class="unseen">Error output: </span> : null}
          {block.pieces}
        </span>
      ))}
    </pre>
  )
}
