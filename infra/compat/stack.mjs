// The addresses of the stack.

const { TAGOIO_API, MAILBOX } = process.env;
if (!/^https?:\/\/[^/]/.test(TAGOIO_API ?? "")) {
  console.error(
    `TAGOIO_API must be the address of a stack, and is ${JSON.stringify(TAGOIO_API)}: ` +
      "run this with `make compat`, or with `make smoke API_URL=https://...`",
  );
  process.exit(1);
}
export const api = new URL(TAGOIO_API);
export const mailbox = MAILBOX; // undefined where mails go to people

// Each request is sent once. SDKs send a request again after a 5xx, and a walk
// must not pass because the second try succeeded.
process.env.TAGOIO_REQUEST_ATTEMPTS = "1";
// The older SDKs use axios, which would send even local requests to a proxy
// that the environment names.
process.env.NO_PROXY = process.env.no_proxy = api.hostname;
