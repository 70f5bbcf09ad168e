// Child processes behind the ProcessRunner port. A child's stdin is a pipe that stays open as long as this process lives, so
// its end tells the child that its parent is gone; what it writes to stderr goes to the log.
import { type ChildProcess, spawn } from "node:child_process";
import { basename } from "node:path";
import type { ChildProcessHandle, ChildProcessHandlers, Logger, ProcessRunner } from "./ports.js";
import { processLoop } from "./process-loop.js";

/** Lines of a child longer than this are cut. */
const LINE_MAX_CHARS = 1024;

export class NodeProcessRunner implements ProcessRunner {
  constructor(private readonly options: { readonly stderr: Logger }) {}

  spawn(
    program: string,
    args: readonly string[],
    options: { readonly title?: string; readonly env?: Readonly<Record<string, string>> },
    handlers: ChildProcessHandlers,
  ): ChildProcessHandle {
    // Without its pipes when this process is out of descriptors.
    const child: ChildProcess = spawn(program, args, {
      argv0: options.title ?? program,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const name = options.title ?? program;
    const output = processLoop.kind(`output of ${basename(name)}`);
    const exit = processLoop.kind(`exit of ${basename(name)}`);
    let ended = false;
    const exited = (code: number | null, signal: string | null): void => {
      if (ended) return;
      ended = true;
      processLoop.run(exit, () => handlers.onExit(code, signal));
    };
    child.on("error", (error) => {
      this.options.stderr.error(`${name}: ${error.message}`);
      exited(null, null);
    });
    // After the last byte of its output.
    child.on("close", exited);
    child.stdout?.on("data", (bytes: Buffer) => processLoop.run(output, () => handlers.onStdout(bytes)));
    // A child that is gone already makes writing fail; its exit is reported anyway.
    child.stdin?.on("error", () => {});
    if (child.stderr) logLines(child.stderr, (line) => this.options.stderr.notice(`${name}: ${line}`));
    return {
      pid: child.pid ?? 0,
      write: (bytes) => void child.stdin?.write(bytes),
      // Node.js would send it to our own process group while it has not noticed that there is no child.
      kill: (signal) => {
        if (child.pid !== undefined) child.kill(signal);
      },
    };
  }

  exists(pid: number): boolean {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // It is there, but belongs to somebody else.
      return error instanceof Error && "code" in error && error.code === "EPERM";
    }
  }
}

function logLines(stream: NodeJS.ReadableStream, log: (line: string) => void): void {
  let rest = "";
  stream.on("data", (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) log(line.slice(0, LINE_MAX_CHARS).replace(/\r$/, ""));
    if (rest.length > LINE_MAX_CHARS) {
      log(rest.slice(0, LINE_MAX_CHARS));
      rest = "";
    }
  });
  stream.on("end", () => {
    if (rest !== "") log(rest);
  });
}
