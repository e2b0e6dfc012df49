import { message, ScriptedHost } from './scripted'

/** An afternoon in the inbox, for looking at screens. */
export function afternoon(at = Date.now()): ScriptedHost {
  const host = new ScriptedHost(at)
  const day = new Date(at)
  const clock = (hours: number, minutes: number, daysAgo = 0) =>
    new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysAgo, hours, minutes).getTime()
  const said = (key: string, order: number, when: number, body: string, mine = false, more = {}) =>
    message(key, order, {
      body,
      mine,
      written_at: when,
      sent_at: when,
      read_at: when + 60_000,
      ...(mine ? { state: 'read' as const } : {}),
      ...more,
    })

  const longAgo = Array.from({ length: 150 }, (_, n) =>
    said(
      `old${n}`,
      n + 1,
      clock(9, 0, 20) + n * 9 * 60_000,
      n % 7 === 3
        ? 'The second coat needs a night to dry before I can rub it down, so I come back on Thursday for the rest.'
        : `Line ${n + 1} of the long story`,
      n % 3 === 0,
    ),
  )
  host.threads.set('2', [
    ...longAgo,
    said('a1', 200, clock(10, 12), 'Doors hung dry. Grain runs straight across.', false, {
      attachments: [{ id: 1, local_id: null, name: 'island-doors-dry-fit.jpg', mime: 'image/jpeg', size: 2_400_000 }],
    }),
    said('a2', 201, clock(10, 40), 'That grain. Yes. Is the fridge bay still 4 mm proud?', true),
    said('a3', 202, clock(10, 44), 'Planed it back this morning. Half a millimetre now.'),
    said(
      'a4',
      203,
      clock(10, 45),
      'Drawings as they are now, see also https://guildhall.example/drawings and http://gооgle.com/login.',
      false,
      {
        attachments: [{ id: 2, local_id: null, name: 'kitchen-drawings-v3.pdf', mime: 'application/pdf', size: 1_800_000 }],
      },
    ),
    said('a5', 204, clock(14, 5), 'I’ll review tonight and release before 20:00.', true, { read_at: clock(14, 6) }),
    message('a6', 205, {
      mine: true,
      body: 'Can the fitting start Tuesday instead of Monday? The tiler needs the floor until then.',
      state: 'delivered',
      written_at: clock(14, 24),
      sent_at: clock(14, 36),
    }),
    message('a7', 206, { mine: true, body: '', deleted: true, state: 'read', written_at: clock(14, 40), sent_at: clock(14, 40) }),
    message('a8', 9_000_000, {
      mine: true,
      id: null,
      body: 'x'.repeat(60),
      state: 'failed',
      failure: { reason: 'too_long', message: '' },
      written_at: clock(14, 50),
      sent_at: null,
    }),
  ])
  host.spans = [{ from: clock(14, 19), to: clock(14, 31) }]
  const short: [string, number, string, boolean, object][] = [
    ['3', clock(14, 18), 'Milestone 1 is ready for you to look at', false, { read_at: null }],
    ['4', clock(13, 52), 'I can send the transfer code tonight', false, { read_at: null }],
    ['5', clock(11, 7), 'Saturday from 9 works for me', true, {}],
    ['6', clock(10, 20), 'Two bowls, then.', false, {}],
    [
      '7',
      clock(16, 0, 1),
      '',
      false,
      { attachments: [{ id: 9, local_id: null, name: 'gate-hinges-forged.jpg', mime: 'image/jpeg', size: 90_000 }] },
    ],
    ['8', clock(15, 0, 1), 'Paid, thank you. The lights are right.', true, {}],
    ['9', clock(12, 0, 3), 'Leather samples posted, three shades', false, {}],
    ['10', clock(12, 0, 13), 'Lunch on Friday? Bring the drawings.', true, { state: 'sent' }],
    ['11', clock(12, 0, 16), 'Thanks, transfer received this end.', false, {}],
  ]
  short.forEach(([key, when, body, mine, more], index) =>
    host.threads.set(key, [said(`b${key}`, 300 + index, when, body, mine, more)]),
  )
  host.drafts.set('6', 'About the glaze, could we')
  const notice = (
    id: number,
    kind: string,
    title: string,
    text: string,
    when: number,
    read: boolean,
    conversation: string | null = null,
  ) => ({
    id,
    kind,
    title,
    message: text,
    conversation,
    person: conversation ? host.people[Number(conversation) - 1]! : null,
    created_at: when,
    read_at: read ? when + 60_000 : null,
  })
  host.notices = [
    notice(9, 'message.received', 'Ṣadé Ọláyínká', 'Milestone 1 is ready for you to look at', clock(14, 18), false, '3'),
    notice(8, 'message.received', 'Lena Hartwig', 'I can send the transfer code tonight', clock(13, 52), false, '4'),
    notice(7, 'session.new', 'A new device signed in', 'Linux computer, from this network.', clock(9, 40), false),
    notice(6, 'message.received', 'Tunde Bákàrè', 'Doors hung dry. Grain runs straight across.', clock(10, 12), true, '2'),
    notice(
      5,
      'account.verified',
      'Identity check passed',
      'People now see that the hall vouches for you.',
      clock(11, 20, 1),
      true,
    ),
    notice(4, 'message.received', 'Chidi Eze', 'Studio lights and dimmers are done.', clock(16, 48, 2), true, '8'),
  ]
  return host
}
