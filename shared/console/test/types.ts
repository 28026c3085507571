// Calls that must compile, and calls that must not: the build fails if an
// expected error does not occur. None of this runs.
import { createClient } from "../src/api/client.ts";
import { ApiError, type Reason } from "../src/api/errors.ts";

export async function types() {
  const api = createClient({ baseUrl: "" });
  const id = "current";
  const here = { params: { path: { id } } };

  // Results have their types, without the envelope.
  const [profile] = await api.GET("/profile");
  const logo: string | null | undefined = profile?.logo_url;
  const invited: string = await api.POST("/profile/{id}/team", { ...here, body: { email: "ben@example.com", permission: "write" } });
  const cost: Blob = await api.file("/account/cost", { params: { query: { format: "csv" } } });
  // @ts-expect-error a list may be empty
  profile.id;
  // @ts-expect-error null is none of text
  const text: string = (await api.GET("/profile"))[0]!.logo_url;
  // @ts-expect-error no such key of the result
  (await api.GET("/profile/{id}", here)).nme;
  // @ts-expect-error an answer for an account or for a token of one profile: look before
  (await api.GET("/account")).email;

  // Paths, and the methods that they have.
  // @ts-expect-error no such path
  await api.GET("/profiles");
  // @ts-expect-error the path has no such method
  await api.DELETE("/profile");
  // @ts-expect-error what is in braces goes into params
  await api.GET("/profile/current");
  // @ts-expect-error no file is made of this
  await api.file("/profile", {});

  // Parameters.
  // @ts-expect-error the path needs an id
  await api.GET("/profile/{id}");
  // @ts-expect-error it is not called so
  await api.GET("/profile/{id}", { params: { path: { profile: id } } });
  // @ts-expect-error no such query parameter
  await api.GET("/profile/{id}/token", { params: { path: { id }, query: { pages: 2 } } });
  // @ts-expect-error a number
  await api.GET("/profile/{id}/token", { params: { path: { id }, query: { page: "2" } } });
  // @ts-expect-error none of the formats
  await api.file("/account/cost", { params: { query: { format: "xlsx" } } });
  await api.GET("/profile/{id}/token", { params: { path: { id }, query: { fields: ["name"], filter: { name: "a*" } } }, signal: new AbortController().signal });

  // Bodies.
  await api.POST("/profile", { body: { name: "Barn" }, params: { header: { "Idempotency-Key": "k" } } });
  await api.DELETE("/profile/{id}", here);
  // @ts-expect-error a new profile needs a body
  await api.POST("/profile");
  // @ts-expect-error with a name
  await api.POST("/profile", { body: {} });
  // @ts-expect-error no such key
  await api.POST("/profile/{id}/team", { ...here, body: { email: "ben@example.com", permision: "write" } });
  // @ts-expect-error none of the permissions
  await api.POST("/profile/{id}/team", { ...here, body: { email: "ben@example.com", permission: "admin" } });
  // @ts-expect-error no body is taken
  await api.PUT("/notification/markallread", { body: {} });
  // @ts-expect-error a list
  await api.POST("/account/allocation", { body: { profile: id } });

  // Errors.
  const reason: Reason = "team_full";
  const error: unknown = reason;
  if (error instanceof ApiError) {
    const full: boolean = error.code === "team_full";
    const fields: string[] | undefined = error.details.fields?.map(({ field }) => field);
    // @ts-expect-error no such reason
    error.code === "team_fulll";
    return [full, fields];
  }
  return [logo, invited, cost, text];
}
