/**
 * A server in a process of its own, in a network of the test's choice: it takes whatever is posted to it, and prints
 * each body as a line. Its port is its argument.
 */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const [port = "0"] = process.argv.slice(2);

createServer((request, response) => {
  void text(request).then((body) => {
    console.log(body.trim());
    response.end();
  });
}).listen(Number(port));
