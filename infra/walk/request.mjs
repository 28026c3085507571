// Requests, printed as a person would type them.

import { must, Wrong } from "./held.mjs";
import { cyan, print, width, wrap } from "./print.mjs";
import { api, patience } from "./stack.mjs";

export const names = new Map(); // what stands for secrets and ids in the requests that are printed
export const named = (text) =>
  [...names].reduce((t, [value, name]) => t.replaceAll(value, name), text);
let sent = 0;

// curl sends a request and prints it with the answer, or with the result of
// `show` for the answer. The parameter who is a person with a token, or null.
export async function curl(
  who,
  method,
  path,
  body,
  { status = 200, show = JSON.stringify, quiet = false } = {},
) {
  sent++;
  const response = await fetch(api + path, {
    method,
    headers: {
      ...(who && { token: who.token }),
      ...(body && { "content-type": "application/json" }),
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Wrong(
      `${method} ${path} answers with ${response.status} and no JSON: ${text.slice(0, 200)}`,
    );
  }
  if (!quiet) {
    const stars = body?.password ? { ...body, password: "*".repeat(8) } : body;
    const words = [
      "$ curl",
      ...(method === "GET" ? [] : [`-X ${method}`]),
      `$API${named(path)}`,
      ...(who ? [`-H "token: ${who.variable}"`] : []),
    ];
    const data = body ? wrap(`-d '${named(JSON.stringify(stars))}'`, width - 6) : [];
    const one = [...words, ...data].join(" ");
    console.log();
    if (one.length <= width && data.length < 2) print([one], "", "", cyan);
    else print([words.join(" ") + (data.length ? " \\" : ""), ...data], "", "    ", cyan);
    const shown = answer.status === true ? show(answer.result) : JSON.stringify(answer);
    const before = response.status === 200 ? "  " : `  ${response.status} `;
    print(wrap(named(shown), width - before.length), before, "  ");
  }
  must(
    response.status === status,
    `${method} ${named(path)} should answer with ${status}: came ${response.status} ${text.slice(0, 300)}`,
  );
  must(
    answer.status === (status === 200) && (status === 200 ? answer.result : answer.message),
    `the answer is not in the envelope: ${text.slice(0, 300)}`,
  );
  return status === 200 ? answer.result : answer.message;
}

// requests is the number of requests that were sent.
export const requests = () => sent;
