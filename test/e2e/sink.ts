/**
 * A server in a process of its own, in a network of the test's choice: it takes whatever is posted to it, and prints
 * each body as a line. Its port is its argument, and the status that it answers with, which is 200 if none is given.
 */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const [port = "0", status = "200"] = process.argv.slice(2);

createServer((request, response) => {
  void text(request).then((body) => {
    console.log(body.trim());
    response.writeHead(Number(status)).end();
  });
}).listen(Number(port));
