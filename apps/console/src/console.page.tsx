import { Announcements } from './announcements.js';
import { BreakPanel } from './break/break.panel.js';
import { ClientPanel } from './client-view/client.panel.js';
import { LessonsPanel } from './lessons/lessons.panel.js';
import { LogPanel } from './log/log.panel.js';
import { RunsPanel } from './log/runs.panel.js';
import { NowStrip } from './now.strip.js';
import { PageHeader } from './page.header.js';
import { Tabs } from './parts/tabs.js';
import { TopologyPanel } from './topology/topology.panel.js';

/** The whole page. */
export function ConsolePage() {
  return (
    <>
      <PageHeader />
      <NowStrip />
      <main>
        <div class="watch">
          <TopologyPanel />
          <ClientPanel />
        </div>
        <div class="act" id="act">
          <Tabs
            label="What to do and to read"
            tabs={[
              { id: 'break', title: 'Break it', content: BreakPanel },
              { id: 'lessons', title: 'Lessons', content: LessonsPanel },
              { id: 'log', title: 'Log', content: LogPanel },
              { id: 'runs', title: 'Runs', content: RunsPanel },
            ]}
          />
        </div>
      </main>
      <Announcements />
    </>
  );
}
