// Changes the table of the stack where no person can: to let time pass for one
// item.
const { TABLE } = process.env;

type Value = { S: string } | { N: string } | { B: string } | { BOOL: boolean };
type Item = Record<string, Value>;

async function statement<T>(action: string, body: object): Promise<T> {
  if (!TABLE) throw new Error("TABLE must be the address of the table of a fresh stack: run this with make browser");
  const response = await fetch(TABLE, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${action}`,
      "x-amz-date": "20300101T000000Z",
      // The engine requires a signature and does not verify it.
      authorization:
        "AWS4-HMAC-SHA256 Credential=local/20300101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none",
    },
    body: JSON.stringify({ TableName: "Table", ...body }),
  });
  if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** The items of a partition whose sort key has a prefix. */
export async function items(partition: string, begins: string): Promise<Item[]> {
  const { Items } = await statement<{ Items: Item[] }>("Query", {
    ConsistentRead: true,
    KeyConditionExpression: "PK = :pk AND begins_with(SK, :sk)",
    ExpressionAttributeValues: { ":pk": { S: partition }, ":sk": { S: begins } },
  });
  return Items;
}

/** Gives an item other values. */
export async function put(item: Item): Promise<void> {
  await statement("PutItem", { Item: item });
}

/**
 * Lets time pass for all sessions of an account, except for the milliseconds
 * that are left. Somebody may have used a session meanwhile.
 */
export async function ageSessions(account: string, milliseconds: number, left?: number): Promise<void> {
  const sessions = await items(`A#${account}`, "S#");
  if (sessions.length === 0) throw new Error(`the account ${account} has no session`);
  for (const session of sessions) {
    const earlier = { ...session };
    for (const name of ["created", "used", "expires", "ttl"]) {
      const value = session[name];
      if (!value || !("N" in value)) throw new Error(`a session has no ${name}`);
      // The end of an item is kept in seconds.
      earlier[name] = {
        N: String(Number(value.N) - (name === "ttl" ? Math.floor(milliseconds / 1000) : milliseconds)),
      };
    }
    if (left !== undefined) {
      earlier["expires"] = { N: String(Date.now() + left) };
      earlier["ttl"] = { N: String(Math.floor((Date.now() + left) / 1000)) };
    }
    await put(earlier);
  }
}
