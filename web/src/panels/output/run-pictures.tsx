// The pictures that a run showed: small in its card, large in a dialog, from where they are saved.
import { useEffect, useState } from 'preact/hooks'
import type { RunPicture } from '../../protocol/events'
import { Dialog } from '../../ui/dialog'
import { Icon } from '../../ui/icon'

export function RunPictures({ pictures, fileName }: { pictures: readonly RunPicture[]; fileName: string }) {
  if (pictures.length === 0) return null
  return (
    <ul class="run-pictures" aria-label={`Pictures of ${fileName}`}>
      {pictures.map((picture, index) => (
        <li key={index}>
          <Picture picture={picture} name={pictures.length === 1 ? `Picture of ${fileName}` : `Picture ${index + 1} of ${fileName}`} save={saveName(fileName, index)} />
        </li>
      ))}
    </ul>
  )
}

/** `plot.py` and the first picture: `plot-1.png`. */
export function saveName(fileName: string, index: number): string {
  return `${fileName.replace(/\.[^./]*$/, '').replaceAll('/', '-') || 'picture'}-${index + 1}.png`
}

function Picture({ picture, name, save }: { picture: RunPicture; name: string; save: string }) {
  const url = useAddress(picture)
  const [large, setLarge] = useState(false)
  if (url === null) return null
  return (
    <>
      <button type="button" class="run-picture" onClick={() => setLarge(true)} data-tip="Show it large" data-side="top">
        <img src={url} alt={name} />
      </button>
      {large ? (
        <Dialog title={name} wide onClose={() => setLarge(false)}>
          <img class="run-picture-large" src={url} alt="" />
          <a class="button run-picture-save" href={url} download={save}>
            <Icon name="download" />
            Save the picture
          </a>
        </Dialog>
      ) : null}
    </>
  )
}

/** An address of the picture in this page, for as long as it is shown; null for what is no base64. */
function useAddress({ data, media_type: type }: RunPicture): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const bytes = bytesOf(data)
    if (bytes === null) return
    const made = URL.createObjectURL(new Blob([bytes], { type }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [data, type])
  return url
}

function bytesOf(data: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}
