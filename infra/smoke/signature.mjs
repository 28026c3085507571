// The part of AWS's Signature Version 4 that a request to the API needs.

import { createHash, createHmac } from "node:crypto";

const hex = (text) => createHash("sha256").update(text).digest("hex");
const mac = (key, text) => createHmac("sha256", key).update(text).digest();

// credentials are those of the variables that AWS's programs read; undefined
// without them. The region is that of the API's host name, where it has one.
export function credentials(host, environment = process.env) {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = environment;
  const { AWS_SESSION_TOKEN: session, AWS_REGION, AWS_DEFAULT_REGION } = environment;
  const region =
    host.match(/\.execute-api\.([a-z0-9-]+)\.amazonaws\./)?.[1] || AWS_REGION || AWS_DEFAULT_REGION;
  return id && secret && region ? { id, secret, session, region } : undefined;
}

// signed returns the headers of a signed request. The path has only characters
// that need no encoding, and no query.
export function signed(method, host, path, body, { id, secret, session, region }) {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const headers = {
    host,
    "x-amz-date": time,
    ...(session && { "x-amz-security-token": session }),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    path,
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    hex(body),
  ].join("\n");
  const scope = `${day}/${region}/execute-api/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, hex(canonical)].join("\n");
  const key = [day, region, "execute-api", "aws4_request"].reduce(mac, `AWS4${secret}`);
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${id}/${scope}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}
