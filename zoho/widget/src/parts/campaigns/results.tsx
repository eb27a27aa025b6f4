// What became of a campaign's contacts: counted by what they answered, and each.

import type { Schemas } from "../../api/client.ts";
import { useLoaded } from "../../api/loading.ts";
import { useLooking } from "../../api/watching.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Failed } from "../../ui/failed.tsx";
import { Loading } from "../../ui/loading.tsx";
import { campaignWords } from "../../words/campaigns.ts";
import { moment } from "../../words/time.ts";
import { sameNumber } from "../phone/line.ts";
import { answerOf, counted } from "./answers.ts";
import type { Contact } from "./order.ts";

const SECONDS = 10;
const FIRST_SECONDS = 4;

type Result = Schemas["CampaignResult"];

interface ResultsProps {
  campaign: Schemas["ListedCampaign"];
  /** Those whose names are known here. */
  people: Contact[];
  goesOn: boolean;
}

export function Results({ campaign, people, goesOn }: ResultsProps) {
  const { api } = useSantral();
  const t = useWords(campaignWords);
  const loaded = useLoaded(async () => {
    const query = { campaign_id: campaign.campaign_id };
    return (await api.get("/campaign-results", { query, as: "admin" })).results;
  }, [api, campaign.campaign_id]);
  useLooking(async () => loaded.again(), goesOn ? (loaded.value?.length ? SECONDS : FIRST_SECONDS) : null);

  if (!loaded.value) return loaded.refusal ? <Failed loaded={loaded} /> : <Loading rows={3} />;
  if (!loaded.value.length) return <Empty>{t("nobody")}</Empty>;
  return (
    <div class="stack">
      <ByAnswer results={loaded.value} />
      <ByContact results={loaded.value} people={people} />
    </div>
  );
}

function ByAnswer({ results }: { results: Result[] }) {
  const { language } = useSantral();
  const t = useWords(campaignWords);
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  return (
    <table class="by-answer">
      <caption>{t("byAnswer")}</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">{t("answer")}</th>
          <th scope="col">{t("count")}</th>
          <th scope="col">{t("share")}</th>
        </tr>
      </thead>
      <tbody>
        {counted(results, t).map(({ answer, count, share }) => (
          <tr key={answer}>
            <th scope="row">{answer}</th>
            <td class="number">{count}</td>
            <td class="share">
              <span class="bar" style={{ width: `${share}%` }} aria-hidden="true" />
              <span class="unseen">{percent.format(share / 100)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ByContact({ results, people }: { results: Result[]; people: Contact[] }) {
  const { language } = useSantral();
  const t = useWords(campaignWords);
  const details = ({ attempts, agent, started_at }: Result) =>
    [
      started_at && moment(started_at, language),
      attempts && t("attempts", { count: attempts }),
      agent && t("agent", { agent }),
    ]
      .filter(Boolean)
      .join(" · ");
  // The PBXs tell the campaign's name for each of its contacts, and not theirs.
  const nameOf = ({ phone }: Result) => people.find((person) => person.name && sameNumber(person.phone, phone))?.name;
  return (
    <table class="by-contact">
      <caption>{t("byContact")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("contact")}</th>
          <th scope="col">{t("answer")}</th>
          <th scope="col">{t("more")}</th>
        </tr>
      </thead>
      <tbody>
        {results.map((result, place) => (
          <tr key={`${place} ${result.phone}`}>
            <th scope="row">
              {nameOf(result) && <span class="name">{nameOf(result)}</span>}
              {result.phone ?? t("someone")}
            </th>
            <td>{answerOf(result, t)}</td>
            <td class="quiet-text">{details(result)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
