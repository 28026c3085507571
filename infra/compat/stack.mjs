// Where the stack is.

const { TAGOIO_API, MAILBOX } = process.env;
if (!TAGOIO_API || !MAILBOX) {
  console.error(
    "TAGOIO_API and MAILBOX must be the addresses of a fresh stack: run this with `make compat`",
  );
  process.exit(1);
}
export const api = new URL(TAGOIO_API);
export const mailbox = MAILBOX;

// One attempt: SDKs send a request again after a 5xx, and a walk must not pass
// because the second try went well.
process.env.TAGOIO_REQUEST_ATTEMPTS = "1";
// The older SDKs use axios, which would send even local requests to a proxy
// that the environment names.
process.env.NO_PROXY = process.env.no_proxy = api.hostname;
