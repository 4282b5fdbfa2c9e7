// The unmodified npm client piston-client: `node piston-client.mjs URL`; the token stands in the address, since it sends no
// header of its own. Says what it got as JSON.
import piston from 'piston-client'

const client = piston({ server: process.argv[2] })
const runtimes = await client.runtimes()
const ran = await client.execute('python', "import sys\nprint('Hallo', sys.stdin.read().strip(), sys.argv[1:])", { stdin: 'Ada' })
const failed = await client.execute({ language: 'python', files: [{ name: 'main.py', content: 'import other' }, { name: 'other.py', content: '1/0' }], args: [] })
const refused = await client.execute('python', '1', { runTimeout: 999999 })
console.log(JSON.stringify({ runtimes: runtimes.length, ran, failed, refused }))
