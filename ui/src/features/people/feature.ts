import Users from '@lucide/svelte/icons/users-round'
import UserPen from '@lucide/svelte/icons/user-round-pen'
import type { Feature } from '../../lib/feature'
import PeoplePage from './PeoplePage.svelte'
import { OWN, PAGE, People } from './state.svelte'

export const feature: Feature = {
  name: 'people',
  state: People,
  page: { name: PAGE, show: PeoplePage },
  firstSteps: [
    {
      icon: UserPen,
      title: 'profiles-step',
      line: 'profiles-step-line',
      does: 'profiles-step-does',
      order: 2,
      done: (core) => core.of(People).saysSomething(),
      watch: (core) => core.of(People).lookAtOwn(),
      go: (core) => core.router.go({ page: PAGE, part: OWN }),
    },
  ],
  // One's own page has a way of its own: whoever wants people finds people.
  rail: { icon: Users, label: 'profiles-people', keys: 'Ctrl 3', order: 3, returns: (part) => part !== OWN },
}
