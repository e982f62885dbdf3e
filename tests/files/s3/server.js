// `node server.js FOLDER BUCKET`: says as JSON where it listens, and serves until it is ended.
const S3rver = require("s3rver");

const [directory, name] = process.argv.slice(2);
new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory, configureBuckets: [{ name }] })
  .run()
  .then((address) => console.log(JSON.stringify(address)));
