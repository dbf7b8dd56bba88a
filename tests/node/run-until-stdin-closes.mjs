// Runs another script in a child process and ends it when our standard input closes. A test host that is killed
// cannot tidy up, but the system closes its pipes.
import { spawn } from "node:child_process";

const child = spawn(process.execPath, process.argv.slice(2), { stdio: ["ignore", "inherit", "inherit"] });
child.on("exit", (code) => process.exit(code ?? 1));
process.stdin.on("close", () => child.kill("SIGKILL"));
process.stdin.resume();
