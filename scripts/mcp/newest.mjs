// A server of the official SDK, revision 2026-07-28, over stdio or, with a port as
// argument, over HTTP.
import { createServer } from "node:http";
import { McpServer, createMcpHandler } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

const make = () => {
  const s = new McpServer({ name: "newest", version: "1.0.0" }, { instructions: "Adds numbers." });
  s.registerTool("add", { description: "Adds two numbers.", inputSchema: z.object({ a: z.number(), b: z.number() }) }, async ({ a, b }) => ({ content: [{ type: "text", text: String(a + b) }] }));
  s.registerPrompt("explain", { description: "Explains a sum." }, async () => ({ messages: [] }));
  return s;
};

if (process.argv[2]) {
  const handler = createMcpHandler(make);
  createServer(async (req, res) => {
    const chunks = [];
    for await (const c of req) chunks.push(c);
    const r = await handler.fetch(new Request("http://127.0.0.1" + req.url, { method: req.method, headers: req.headers, body: chunks.length ? Buffer.concat(chunks) : undefined }));
    res.writeHead(r.status, Object.fromEntries(r.headers));
    if (r.body) for await (const c of r.body) res.write(c);
    res.end();
  }).listen(Number(process.argv[2]), "127.0.0.1");
} else {
  serveStdio(make);
}
