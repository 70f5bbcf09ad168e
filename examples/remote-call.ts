// Each node offers a service to the others through a tunnel; this program asks them all.
// usage: remote-call.ts
import { hostname, loadavg } from "node:os";
import { ControlFailedError, connect, TunnelTimeoutError } from "ctdb-ts";

// One client a node can have a tunnel id open.
const TUNNEL = 0xffff_ffff_0000_e001n;

await using client = await connect();
try {
  await using service = await client.openTunnelService(TUNNEL, (question, fromPnn) => {
    console.log(`node ${fromPnn} asks: ${question}`);
    return Buffer.from(JSON.stringify({ pnn: client.pnn, host: hostname(), load: loadavg()[0] }));
  });
  for (const pnn of await client.connectedNodes()) {
    try {
      const answer = await service.request(pnn, Buffer.from("how are you?"), { timeoutMs: 500 });
      console.log(`node ${pnn} answers: ${answer}`);
    } catch (error) {
      if (!(error instanceof TunnelTimeoutError)) throw error;
      console.log(`node ${pnn}: this program does not run there`);
    }
  }
} catch (error) {
  if (!(error instanceof ControlFailedError)) throw error;
  console.log("another process of this node offers the service already");
}
