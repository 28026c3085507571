import { useEffect, useState } from "react";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { span } from "./words.ts";

/** The time that is left, in words that change with the clock. */
export function Left({ until }: { until: string }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 15_000);
    return () => clearInterval(timer);
  }, []);
  const minutes = Math.max(0, Math.floor((new Date(until).getTime() - Date.now()) / 60_000));
  return <span>{texts.left(span(minutes))}</span>;
}
