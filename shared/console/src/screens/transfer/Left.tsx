import { useEffect, useState } from "react";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { span } from "./words.ts";

/** How much time is left, in words that follow the clock. */
export function Left({ until }: { until: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  const minutes = Math.max(0, Math.ceil((new Date(until).getTime() - now) / 60_000));
  return <span>{texts.left(span(minutes))}</span>;
}
