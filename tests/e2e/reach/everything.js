// Tries everything by which a program might reach the server, the page, this browser or the network. The test puts in
// SERVER and ELSEWHERE, and reads `found`: each line ends with "nothing", or says what it GOT.
const found = []
const attempt = async (name, act) => {
  try {
    const value = await Promise.race([act(), new Promise((_, no) => setTimeout(no, 1500, new Error('no answer')))])
    found.push(`${name} GOT ${String(value).slice(0, 60)}`)
  } catch (error) { found.push(`${name} nothing`) }
}
const need = (value) => { if (value === undefined || value === null || value === '') throw new Error('empty'); return value }
const main = globalThis.parent !== globalThis ? globalThis.parent : undefined
for (const base of ['SERVER', '', '..']) {
  await attempt(`fetch ${base}`, async () => (await fetch(`${base}/api/rooms`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' }, credentials: 'include' })).status)
}
await attempt('fetch no-cors', async () => { const a = await fetch('SERVER/api/rooms', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' }); return a.type })
await attempt('fetch elsewhere', async () => (await fetch('ELSEWHERE/fetch', { mode: 'no-cors' })).type)
await attempt('xhr', () => new Promise((yes, no) => { const x = new XMLHttpRequest(); x.onload = yes; x.onerror = no; x.open('GET', 'ELSEWHERE/xhr'); x.send() }))
await attempt('websocket', () => new Promise((yes, no) => { const s = new WebSocket('ELSEWHERE/ws'.replace('http', 'ws')); s.onopen = yes; s.onerror = no }))
await attempt('event source', () => new Promise((yes, no) => { const s = new EventSource('ELSEWHERE/es'); s.onopen = yes; s.onerror = no }))
await attempt('beacon', async () => need(navigator.sendBeacon('ELSEWHERE/beacon', 'x') && null)) // true even when blocked: only ELSEWHERE can tell
await attempt('import', () => import('ELSEWHERE/module.js'))
await attempt('importScripts', async () => need(importScripts('ELSEWHERE/script.js') ?? 'loaded'))
await attempt('worker', () => new Promise((yes, no) => { const w = new Worker('ELSEWHERE/worker.js'); w.onmessage = yes; w.onerror = no }))
await attempt('image', () => new Promise((yes, no) => { const i = new Image(); i.onload = yes; i.onerror = no; i.src = 'ELSEWHERE/image' }))
await attempt('peer', async () => { const p = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:9' }] }); p.createDataChannel('x'); return (await p.createOffer()).type })
await attempt('cookie', async () => need(document.cookie))
await attempt('localStorage', async () => need(localStorage.length + 1))
await attempt('sessionStorage', async () => need(sessionStorage.length + 1))
await attempt('indexedDB', () => new Promise((yes, no) => { const r = indexedDB.open('fourhands'); r.onsuccess = yes; r.onerror = no }))
await attempt('caches', async () => need(await caches.keys()))
await attempt('parent', async () => need(main.document))
await attempt('top', async () => need(top.location.href))
await attempt('opener', async () => need(opener.document))
await attempt('open', async () => need(open('ELSEWHERE/open')))
await attempt('broadcast', async () => need(new BroadcastChannel('fourhands')) && need(null))
await attempt('service worker', async () => need(await navigator.serviceWorker.register('SERVER/sw.js')))
