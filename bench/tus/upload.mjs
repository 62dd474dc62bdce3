// Uploads a file: node upload.mjs ENDPOINT GRANT FILE. The last line of output is the URL of the upload.
import { createReadStream, statSync } from 'node:fs'
import { Upload } from 'tus-js-client'

const [endpoint, grant, file] = process.argv.slice(2)
const upload = new Upload(createReadStream(file), {
  endpoint,
  uploadSize: statSync(file).size,
  chunkSize: 16 * 1024 * 1024,
  headers: { Authorization: `Bearer ${grant}` },
  metadata: { filename: 'check.bin', filetype: 'application/octet-stream' },
  retryDelays: Array(50).fill(50),
  onError: (err) => {
    console.error(String(err))
    process.exitCode = 1
  },
  onSuccess: () => console.log(upload.url),
})
upload.start()
