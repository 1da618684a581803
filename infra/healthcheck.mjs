// Of the container: whether the process is alive. `--ready`: whether it can work. Exit code 0 or 1, and why not.
const path = process.argv.includes('--ready') ? '/readyz' : '/healthz';
const answer = await fetch(`http://127.0.0.1:${process.env.PORT || 8080}${path}`).catch((error) => error);
if (answer.ok) process.exit(0);
console.error(answer instanceof Error ? String(answer.cause ?? answer) : `${answer.status} ${await answer.text()}`);
process.exit(1);
