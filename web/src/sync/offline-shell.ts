// Registers the service worker that lets a room be reloaded without network. Only secure contexts have one (https, and
// 127.0.0.1 or localhost): elsewhere the page says that a reload needs the network.

/** Call once the page is up, so that it does not compete with the first load. */
export function registerServiceWorker(root: string): 'active' | 'unavailable' {
  if (!isSecureContext || !('serviceWorker' in navigator) || !import.meta.env.PROD) return 'unavailable'
  const register = (): void => {
    navigator.serviceWorker.register(`${root}/sw.js`, { scope: `${root}/` }).catch((error: unknown) => {
      console.warn('A reload needs the network: the service worker could not be registered.', error)
    })
  }
  if (document.readyState === 'complete') register()
  else addEventListener('load', register, { once: true })
  return 'active'
}
