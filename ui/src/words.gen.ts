// Made from crates/words/en: UPDATE=1 cargo test -p guildhall-words

/** The sentences by name, and what is inserted into each. */
export interface Sentences {
  'accounts-still-signed-in': { name: string }
  'accounts-away': { how: string; ms: number }
  'accounts-client': null
  'accounts-runs-the-hall': null
  'accounts-checked': { craft: string }
  'accounts-this-signed-in': { name: string; when: string }
  'accounts-last-used': { when: string }
  'accounts-sign-out-device': { name: string }
  'accounts-sign-out-device-label': { name: string }
  'accounts-person-and-craft': { craft: string; name: string }
  'accounts-you': { name: string }
  'accounts-window-ready': { name: string }
  'accounts-reachable': { ms: number }
  'accounts-ms': { ms: number }
  'accounts-server-at': { address: string; name: string }
  'accounts-kept': { count: number }
  'accounts-kept-from': { count: number; email: string }
  'accounts-sign-out-waiting': { count: number }
  'accounts-address-example': null
  'accounts-email-example': null
  'accounts-a-guildhall-server': null
  'accounts-account': null
  'accounts-who-you-are-here-and': null
  'accounts-sign-in': null
  'accounts-email': null
  'accounts-your-sign-in-key': null
  'accounts-kept-in-the-systems-keychain': null
  'accounts-kept-in-memory-only-because': null
  'accounts-sign-out-here': null
  'accounts-waiting-messages-stay-on-this': null
  'accounts-sign-out': null
  'accounts-where-youre-signed-in': null
  'accounts-the-list-comes-from-the': null
  'accounts-this-computer': null
  'accounts-current': null
  'accounts-server': null
  'accounts-local-mode': null
  'accounts-whoever-uses-it-must-sign': null
  'accounts-runs-inside-this-app': null
  'accounts-connected-without-tls': null
  'accounts-connected-over-tls': null
  'accounts-not-connected': null
  'accounts-try-it-locally': null
  'accounts-a-private-hall-on-this': null
  'accounts-starting': null
  'accounts-start': null
  'accounts-you-are': null
  'accounts-who-you-are': null
  'accounts-open-another-window-as': null
  'accounts-each-window-is-somebody-else': null
  'accounts-open-another-window-as-2': null
  'accounts-the-list-of-people-could': null
  'accounts-the-window-was-not-opened': null
  'accounts-looking': null
  'accounts-not-reachable': null
  'accounts-another-server': null
  'accounts-address-of-the-server': null
  'accounts-check': null
  'accounts-looking-2': null
  'accounts-create-an-account': null
  'accounts-sign-in-2': null
  'accounts-sign-in-instead': null
  'accounts-you-were-signed-out-from': null
  'accounts-the-systems-keychain-didnt-give': null
  'accounts-name': null
  'accounts-password': null
  'accounts-at-least-characters': { least: string }
  'accounts-hide-password': null
  'accounts-show-password': null
  'accounts-creating-your-account': null
  'accounts-create-account': null
  'accounts-signing-in': null
  'accounts-or': null
  'accounts-choose-a-server-or-type': null
  'accounts-type-your-name-as-people': null
  'accounts-type-your-email-address': null
  'accounts-type-your-whole-email': null
  'accounts-type-your-password': null
  'accounts-password-too-short': { least: string }
  'accounts-sign-out-of-this-computer': null
  'accounts-your-messages-stay-on-the': null
  'accounts-your-page': null
  'accounts-what-brings-you': null
  'accounts-i-hire': null
  'accounts-i-work': null
  'accounts-trade': null
  'accounts-trade-hint': null
  'accounts-type-your-trade': null
  'accounts-change': null
  'accounts-password-line': null
  'accounts-change-password': null
  'accounts-old-password': null
  'accounts-new-password': null
  'accounts-new-password-hint': null
  'accounts-password-changed': null
  'accounts-password-changed-line': null
  'accounts-changing-password': null
  'accounts-cancel': null
  'accounts-forgot': null
  'accounts-forgot-title': null
  'accounts-forgot-lead': null
  'accounts-forgot-send': null
  'accounts-forgot-sent-mail': { email: string }
  'accounts-forgot-sent-administrator': null
  'accounts-forgot-code': null
  'accounts-forgot-code-hint': null
  'accounts-letter-code-hint': null
  'accounts-forgot-again': null
  'accounts-forgot-have-code': null
  'accounts-forgot-choose': null
  'accounts-forgot-done': null
  'accounts-forgot-done-line': null
  'accounts-type-the-code': null
  'accounts-change-email': null
  'accounts-change-email-lead': null
  'accounts-new-email': null
  'accounts-email-code-sent': { email: string }
  'accounts-another-address': null
  'accounts-confirm': null
  'accounts-email-changed': null
  'accounts-email-changed-line': null
  'accounts-last-used-from': { place: string; when: string }
  'accounts-sign-out-others': null
  'accounts-sign-out-others-title': null
  'accounts-others-still-signed-in': null
  'accounts-registration-title': null
  'accounts-registration-lead': { email: string }
  'accounts-registration-over': null
  'accounts-registration-none': null
  'announcements-from': null
  'announcements-hide': null
  'announcements-until': { when: string }
  'app-name': null
  'app-on': { name: string }
  'app-window-of': { name: string }
  'app-inbox-unread': { count: number }
  'app-title-of': { name: string }
  'app-title-of-unread': { count: number; name: string }
  'app-dismiss': { title: string }
  'app-guildhall-could-not-start': null
  'app-try-again': null
  'app-copied': null
  'app-cancel': null
  'app-actions': null
  'app-copy-selected-text': null
  'app-close': null
  'app-notices': null
  'app-choose-a-conversation': null
  'app-or-write-to-somebody-new': null
  'app-new-message': null
  'app-main': null
  'app-inbox': null
  'app-notifications': null
  'app-settings': null
  'app-settings-sections': null
  'app-account': null
  'app-appearance': null
  'app-data-and-storage': null
  'app-about': null
  'app-keyboard-shortcuts': null
  'app-move-in-a-list-also': null
  'app-open': null
  'app-next-pane-with-shift-the': null
  'app-back': null
  'app-forward': null
  'app-close-or-leave-the-conversation': null
  'app-mark-all-notifications-read': null
  'app-delete-a-notification': null
  'app-this-list': null
  'app-guildhall': null
  'app-agree-the-work': null
  'app-hold-the-money': null
  'app-bid-in-the-open': null
  'app-artisans-clients-and-bidders-under': null
  'app-minimise': null
  'app-maximise-or-restore': null
  'app-close-window': null
  'app-text-undo': null
  'app-text-redo': null
  'app-text-cut': null
  'app-text-copy': null
  'app-text-paste': null
  'app-text-select-all': null
  'app-setting-not-kept': null
  'app-any-day': null
  'app-no-day': { example: string }
  'app-not-tried': null
  'app-offline-grey': null
  'app-still-signed-in': null
  'app-not-everything': null
  'app-saved': null
  'app-cache-rebuilt': null
  'app-cache-rebuilt-body': null
  'app-own-restored': null
  'app-own-restored-none': null
  'app-own-restored-from': { when: string }
  'app-own-restored-kept': { file: string; what: string }
  'app-disk-full': null
  'app-disk-full-body': null
  'app-no-notices': null
  'app-no-notices-body': null
  'app-change-refused': { name: string }
  'app-first-steps': null
  'app-first-steps-lead': null
  'app-first-step-done': null
  'blocks-title': null
  'blocks-lead': null
  'blocks-none': null
  'blocks-none-line': null
  'blocks-unknown': null
  'blocks-unblock': null
  'blocks-unblock-one': { name: string }
  'connection-label': { state: string }
  'connection-rtt': { ms: number }
  'connection-offline-since': { when: string }
  'connection-messages': { count: number }
  'connection-next-try': { wait: string }
  'connection-trying': null
  'connection-state-idle': null
  'connection-state-connecting': null
  'connection-state-syncing': null
  'connection-state-syncing-queued': { count: number }
  'connection-state-held-up': { count: number }
  'connection-state-online': null
  'connection-state-offline': null
  'connection-state-offline-queued': { count: number }
  'connection-sentence-idle': null
  'connection-sentence-connecting': null
  'connection-sentence-syncing': null
  'connection-sentence-held-up': null
  'connection-sentence-sending': null
  'connection-sentence-online': null
  'connection-sentence-offline': null
  'connection-back': null
  'connection-back-sent': { count: number }
  'connection-quiet-until': { when: string }
  'connection-local-mode': null
  'connection-local-mode-a-private-hall': null
  'connection-local': null
  'connection-no-notices-no-sounds-change': null
  'connection-connection': null
  'connection-server': null
  'connection-on-this-computer': null
  'connection-since': null
  'connection-synced-to': null
  'connection-round-trip': null
  'connection-not-measured': null
  'connection-waiting-to-send': null
  'connection-nothing': null
  'connection-not-sent': null
  'connection-try-now': null
  'core-account_in_use': null
  'core-waiting': null
  'core-draft-too-long': null
  'core-address': null
  'core-being-sent': null
  'core-to-oneself': null
  'core-text-size': null
  'core-time-of-day': null
  'departures-title': null
  'departures-lead': null
  'departures-take-along': null
  'departures-everything': null
  'departures-everything-hint': null
  'departures-save': null
  'departures-saving': null
  'departures-not-saved': null
  'departures-looks': null
  'departures-looks-none': null
  'departures-looks-unknown': null
  'departures-more': null
  'departures-operator': null
  'departures-did-user-look': null
  'departures-did-user-find': null
  'departures-did-user-suspend': null
  'departures-did-user-reinstate': null
  'departures-did-user-two_step_ask': null
  'departures-did-user-two_step_off': null
  'departures-did-user-role': null
  'departures-did-user-delete': null
  'departures-did-verification-look': null
  'departures-did-verification-look_paper': null
  'departures-did-verification-approve': null
  'departures-did-verification-reject': null
  'departures-did-verification-revoke': null
  'departures-did-code-look': null
  'departures-did-letter-retry': null
  'departures-did-connections-look': null
  'departures-did-report-look': null
  'departures-did-report-look_file': null
  'departures-did-report-decide': null
  'departures-did-report-uphold': null
  'departures-did-report-take_back': null
  'departures-did-attachment-look': null
  'departures-did-job-look': null
  'departures-did-job-look_applications': null
  'departures-did-job-look_progress': null
  'departures-did-job-look_proposals': null
  'departures-did-payment-look': null
  'departures-did-payment-release': null
  'departures-did-payment-refund': null
  'departures-did-payment-cancel': null
  'departures-did-payment-resolve': null
  'departures-did-payment-put_off': null
  'departures-did-dispute-look': null
  'departures-did-suspense-return': null
  'departures-leave': null
  'departures-delete': null
  'departures-delete-hint': null
  'departures-delete-button': null
  'departures-delete-title': null
  'departures-means-gone': null
  'departures-means-others': null
  'departures-means-here': { count: number }
  'departures-means-never': null
  'departures-first': null
  'departures-password': null
  'departures-password-hint': null
  'departures-delete-for-good': null
  'departures-letter-subject': { hall: string }
  'departures-letter-lead': { hall: string; place: string; when: string }
  'departures-letter-not-you': { hall: string }
  'departures-first-address': { address: string; when: string }
  'desk-title': null
  'desk-rail': { count: number }
  'desk-sections': null
  'desk-not-yours': null
  'desk-reports': null
  'desk-people': null
  'desk-people-lead': null
  'desk-connections': null
  'desk-letters': null
  'desk-letters-lead': null
  'desk-letters-no-server': null
  'desk-letters-waiting': { count: number }
  'desk-letters-failed': null
  'desk-letters-none': null
  'desk-letter': { name: string; what: string }
  'desk-letter-error': { error: string; tries: number; when: string }
  'desk-letter-retry': null
  'desk-letter-retry-one': { name: string }
  'desk-letter-kind-code': null
  'desk-letter-kind-password_changed': null
  'desk-letter-kind-registration': null
  'desk-letter-kind-already_here': null
  'desk-letter-kind-account_deleted': null
  'desk-letter-kind-email_changed': null
  'desk-letter-kind-new_sign_in': null
  'desk-letter-kind-payout_account_added': null
  'desk-letter-kind-two_step': null
  'desk-letter-kind-unread_messages': null
  'desk-codes': null
  'desk-codes-reason': null
  'desk-codes-hint': null
  'desk-codes-show': null
  'desk-codes-none': null
  'desk-code-for': { name: string; what: string }
  'desk-code-until': { address: string; when: string }
  'desk-code-purpose-email': null
  'desk-code-purpose-phone': null
  'desk-code-purpose-password': null
  'desk-code-purpose-payout_account': null
  'desk-code-purpose-new_email': null
  'desk-audit': null
  'desk-health': null
  'desk-reports-waiting': { count: number }
  'desk-reports-none': null
  'desk-reports-line': null
  'desk-thing-message': null
  'desk-thing-profile': null
  'desk-thing-picture': null
  'desk-state-open': null
  'desk-state-dismissed': null
  'desk-state-decided': null
  'desk-state-answered': null
  'desk-state-upheld': null
  'desk-state-taken_back': null
  'desk-state-hide': null
  'desk-state-warn': null
  'desk-state-suspend': null
  'desk-field-name': null
  'desk-field-craft': null
  'desk-field-place': null
  'desk-field-words': null
  'desk-field-languages': null
  'desk-report': { id: number }
  'desk-report-refused': null
  'desk-report-sent': { id: number; when: string }
  'desk-reported-by': { name: string }
  'desk-what-is-said': null
  'desk-as-it-was': null
  'desk-forgotten': null
  'desk-this-one': null
  'desk-no-words': null
  'desk-file-save': null
  'desk-file-save-one': { name: string }
  'desk-answer-of': { name: string }
  'desk-decision': null
  'desk-party': null
  'desk-hide': null
  'desk-hide-message': null
  'desk-hide-picture': null
  'desk-hide-profile': null
  'desk-warn': { name: string }
  'desk-suspend': { name: string }
  'desk-suspend-hint': null
  'desk-reason': { name: string }
  'desk-reason-readable': null
  'desk-decide': null
  'desk-dismiss': null
  'desk-told': { name: string }
  'desk-needs-both': null
  'desk-needs-reason': null
  'desk-needs-measure': null
  'desk-needs-none': null
  'desk-uphold': null
  'desk-take-back': null
  'desk-decided': null
  'desk-written': null
  'desk-written-read': { name: string }
  'desk-operator': null
  'desk-find': null
  'desk-find-hint': null
  'desk-find-button': null
  'desk-nobody': null
  'desk-administrator': null
  'desk-suspended': null
  'desk-since': { when: string }
  'desk-email': null
  'desk-last-seen': null
  'desk-devices': null
  'desk-unknown': null
  'desk-none': null
  'desk-was-suspended': { from: string; to: string }
  'desk-is-suspended': { from: string }
  'desk-suspend-button': null
  'desk-reinstate': null
  'desk-look-title': { name: string }
  'desk-look-body': null
  'desk-look-do': null
  'desk-suspend-title': { name: string }
  'desk-suspend-body': null
  'desk-suspend-do': null
  'desk-reinstate-title': { name: string }
  'desk-reinstate-body': null
  'desk-reinstate-do': null
  'desk-audit-lead': null
  'desk-audit-none': null
  'desk-filter': null
  'desk-any': null
  'desk-any-user': null
  'desk-any-report': null
  'desk-any-announcement': null
  'desk-any-verification': null
  'desk-any-code': null
  'desk-any-letter': null
  'desk-any-connections': null
  'desk-any-audit': null
  'desk-from': null
  'desk-to': null
  'desk-save-csv': null
  'desk-save-json': null
  'desk-not-saved': null
  'desk-more': null
  'desk-did-user-look': null
  'desk-did-user-find': null
  'desk-did-user-suspend': null
  'desk-did-user-reinstate': null
  'desk-did-user-two_step_ask': null
  'desk-did-user-two_step_off': null
  'desk-did-user-role': null
  'desk-did-user-delete': null
  'desk-did-report-look': null
  'desk-did-report-look_file': null
  'desk-did-report-decide': null
  'desk-did-report-dismiss': null
  'desk-did-report-uphold': null
  'desk-did-report-take_back': null
  'desk-did-verification-look': null
  'desk-did-verification-look_paper': null
  'desk-did-verification-approve': null
  'desk-did-verification-reject': null
  'desk-did-verification-revoke': null
  'desk-did-code-look': null
  'desk-did-letter-retry': null
  'desk-did-connections-look': null
  'desk-did-announcement-put': null
  'desk-did-announcement-delete': null
  'desk-did-audit-export': null
  'desk-did-job-publish': null
  'desk-did-job-delete': null
  'desk-did-job-edit': null
  'desk-did-job-invite': null
  'desk-did-job-apply': null
  'desk-did-job-withdraw_application': null
  'desk-did-job-reject_application': null
  'desk-did-job-accept_application': null
  'desk-did-job-expire': null
  'desk-did-job-start': null
  'desk-did-job-unassign': null
  'desk-did-job-plan': null
  'desk-did-job-fund': null
  'desk-did-job-propose_plan': null
  'desk-did-job-report_progress': null
  'desk-did-job-complete': null
  'desk-did-job-keep_open': null
  'desk-did-job-complete_by_silence': null
  'desk-did-job-lapse_unfunded': null
  'desk-did-job-cancel': null
  'desk-did-job-review': null
  'desk-did-job-look': null
  'desk-did-job-look_applications': null
  'desk-did-job-look_progress': null
  'desk-did-job-look_proposals': null
  'desk-did-payment-look': null
  'desk-did-payment-fund': null
  'desk-did-payment-fund_from_balance': null
  'desk-did-payment-pay_by_passes': null
  'desk-did-payment-cancel': null
  'desk-did-payment-submit': null
  'desk-did-payment-request_changes': null
  'desk-did-payment-request_refund': null
  'desk-did-payment-withdraw_refund_request': null
  'desk-did-payment-release': null
  'desk-did-payment-refund': null
  'desk-did-payment-review_passes': null
  'desk-did-payment-reply_passes': null
  'desk-did-payment-lies_idle': null
  'desk-did-payment-dispute': null
  'desk-did-payment-withdraw_dispute': null
  'desk-did-payment-resolve': null
  'desk-did-payment-freeze': null
  'desk-did-payment-thaw': null
  'desk-did-payment-chargeback': null
  'desk-did-payment-undo_chargeback': null
  'desk-did-payment-refund_out': null
  'desk-did-payout-ask': null
  'desk-did-payout-cancel': null
  'desk-did-payout-retry': null
  'desk-did-attachment-look': null
  'desk-did-job-put_off': null
  'desk-did-payment-put_off': null
  'desk-did-dispute-look': null
  'desk-did-suspense-return': null
  'desk-connections-lead': null
  'desk-connections-show': null
  'desk-again': null
  'desk-connection-who': null
  'desk-connection-where': null
  'desk-connection-since': null
  'desk-connection-channels': null
  'desk-connection-waits': null
  'desk-nobody-yet': null
  'desk-health-lead': null
  'desk-well': null
  'desk-version': null
  'desk-number-accounts': null
  'desk-number-connections': null
  'desk-number-reports_waiting': null
  'desk-number-deadlines_failed': null
  'desk-number-webhooks_failed': null
  'desk-number-panics': null
  'desk-verifications': null
  'desk-verifications-lead': null
  'desk-verifications-which': null
  'desk-verifications-pending': null
  'desk-verifications-verified': null
  'desk-verifications-none': null
  'desk-verifications-none-verified': null
  'desk-verifications-unknown': null
  'desk-verification-kind-identity': null
  'desk-verification-kind-payout_account': { slot: string }
  'desk-verification-since': { when: string }
  'desk-verification-top': null
  'desk-verification-yours': null
  'desk-verification-look-title': { name: string }
  'desk-verification-look-body': null
  'desk-verification-papers': null
  'desk-verification-papers-none': null
  'desk-verification-paper': { n: number }
  'desk-verification-show': null
  'desk-verification-show-one': { name: string }
  'desk-verification-pdf': null
  'desk-verification-pdf-save': null
  'desk-verification-pdf-saved': { path: string }
  'desk-verification-names': null
  'desk-verification-name-here': null
  'desk-verification-name-bank': null
  'desk-verification-approve': null
  'desk-verification-reject': null
  'desk-verification-revoke': null
  'desk-verification-decided': { name: string }
  'disputes-title': null
  'disputes-desk': null
  'disputes-rail': { count: number }
  'disputes-none': null
  'disputes-none-line': null
  'disputes-none-waits': null
  'disputes-none-waits-line': null
  'disputes-unknown': null
  'disputes-choose': null
  'disputes-choose-line': null
  'disputes-missing': null
  'disputes-missing-line': null
  'disputes-which': null
  'disputes-waiting': null
  'disputes-yours': null
  'disputes-more': null
  'disputes-with': { name: string }
  'disputes-between': { payee: string; payer: string }
  'disputes-dispute': { number: string }
  'disputes-number': { number: string }
  'disputes-opened': { when: string }
  'disputes-payment': { number: string }
  'disputes-job': null
  'disputes-state-open': null
  'disputes-state-looked-at': null
  'disputes-state-flagged': null
  'disputes-state-resolved': null
  'disputes-state-withdrawn': null
  'disputes-state-other': null
  'disputes-frozen': null
  'disputes-frozen-part': null
  'disputes-was-divided': null
  'disputes-was-withdrawn': null
  'disputes-to': { name: string }
  'disputes-to-you': null
  'disputes-payer': null
  'disputes-payee': null
  'disputes-you': null
  'disputes-says': { name: string }
  'disputes-says-you': null
  'disputes-said-nothing': null
  'disputes-proposes': { name: string }
  'disputes-proposes-you': null
  'disputes-proposes-nothing': null
  'disputes-next': null
  'disputes-next-answer-you': { when: string }
  'disputes-next-answer': { name: string; when: string }
  'disputes-next-flagged': null
  'disputes-next-open': null
  'disputes-next-looked-at': null
  'disputes-next-desk': null
  'disputes-decided': null
  'disputes-agreed': null
  'disputes-withdrawn': { name: string }
  'disputes-withdrawn-you': null
  'disputes-before-fee': { name: string; percent: string }
  'disputes-before-fee-you': { percent: string }
  'disputes-answer': null
  'disputes-answer-words': null
  'disputes-answer-hint': { name: string }
  'disputes-answer-send': null
  'disputes-answer-sent': null
  'disputes-propose': null
  'disputes-propose-again': null
  'disputes-split': { amount: string }
  'disputes-split-slider': { name: string }
  'disputes-split-slider-you': null
  'disputes-split-says': { name: string; other: string; payee: string; payer: string }
  'disputes-you-object': null
  'disputes-split-all': null
  'disputes-split-half': null
  'disputes-split-none': null
  'disputes-split-wrong': { least: string; most: string }
  'disputes-split-quick': { name: string }
  'disputes-split-quick-you': null
  'disputes-propose-do': { amount: string }
  'disputes-proposed': null
  'disputes-propose-same': { name: string }
  'disputes-propose-line': { name: string }
  'disputes-accept': { mine: string; name: string; theirs: string }
  'disputes-accept-title': { amount: string }
  'disputes-accept-line': null
  'disputes-accept-do': null
  'disputes-accepted': null
  'disputes-not-now': null
  'disputes-withdraw': null
  'disputes-withdraw-title': null
  'disputes-withdraw-line': { amount: string }
  'disputes-withdraw-do': null
  'disputes-withdrawn-done': null
  'disputes-offline': null
  'disputes-lost': null
  'disputes-waits-provider': null
  'disputes-decision': null
  'disputes-take': null
  'disputes-take-line': null
  'disputes-taken': null
  'disputes-reason': null
  'disputes-reason-hint': null
  'disputes-decide': null
  'disputes-decide-title': null
  'disputes-decide-line': null
  'disputes-decide-do': { amount: string }
  'disputes-decided-done': null
  'disputes-look-written': null
  'disputes-look-again': null
  'files-files': null
  'files-add': null
  'files-busy': null
  'files-most': { count: number }
  'files-large': { name: string }
  'files-remove': { name: string }
  'files-open-picture': { name: string }
  'files-save': null
  'files-save-one': { name: string }
  'files-not-saved': null
  'job-jobs': null
  'job-number': { id: string }
  'job-named': { title: string }
  'job-unknown': null
  'job-shown-open': null
  'job-shown-applied': null
  'job-shown-yours': null
  'job-which': null
  'job-filters': null
  'job-find': null
  'job-trade': null
  'job-any-trade': null
  'job-choose-trade': null
  'job-budget': null
  'job-budget-from': null
  'job-budget-to': null
  'job-budget-to-word': null
  'job-where': null
  'job-anywhere': null
  'job-post': null
  'job-more': null
  'job-found': { count: number }
  'job-lost': { count: number }
  'job-none-open': null
  'job-none-open-line': null
  'job-none-found-line': null
  'job-none-applied': null
  'job-none-applied-line': null
  'job-none-yours': null
  'job-none-yours-line': null
  'job-posted-when': { when: string }
  'job-applied-count': { count: number }
  'job-you-applied': null
  'job-needs-you': null
  'job-client': null
  'job-client-you': null
  'job-artisan': null
  'job-artisan-you': null
  'job-ask': { name: string }
  'job-message': { name: string }
  'job-open-page': null
  'job-open-yours': null
  'job-when': null
  'job-when-both': { from: string; to: string }
  'job-when-from': { from: string }
  'job-when-to': { to: string }
  'job-priority': null
  'job-priority-low': null
  'job-priority-medium': null
  'job-priority-high': null
  'job-priority-urgent': null
  'job-closes': null
  'job-closes-on': { day: string }
  'job-closes-in': { left: string; when: string }
  'job-closed': null
  'job-from-client': null
  'job-category-carpentry': null
  'job-category-electrical': null
  'job-category-plumbing': null
  'job-category-painting': null
  'job-category-welding': null
  'job-category-masonry': null
  'job-category-gardening': null
  'job-category-cleaning': null
  'job-category-automobile': null
  'job-category-tailoring': null
  'job-state-draft': null
  'job-state-open': null
  'job-state-assigned': null
  'job-state-in-progress': null
  'job-state-submitted': null
  'job-state-disputed': null
  'job-state-completed': null
  'job-state-cancelled': null
  'job-ended-expired': null
  'job-ended-unfunded': null
  'job-ended-cancelled': null
  'job-ended-client-left': null
  'job-apply': null
  'job-apply-send': null
  'job-applied': null
  'job-proposal': null
  'job-proposal-hint': null
  'job-proposal-short': { count: number }
  'job-your-price': null
  'job-your-price-was': { amount: string }
  'job-you-receive': { amount: string; fee: string }
  'job-bad-amount': { currency: string }
  'job-withdraw': null
  'job-application-pending': null
  'job-application-accepted': null
  'job-application-rejected': null
  'job-application-withdrawn': null
  'job-not-for-you': null
  'job-not-open': null
  'job-needs-link': null
  'job-payout-no-route': null
  'job-payout-below-minimum': null
  'job-payout-identity-unverified': null
  'job-payout-mend': null
  'job-answer-lost': null
  'job-not-done': null
  'job-not-shown': null
  'job-not-there': null
  'job-more-actions': null
  'job-what-was-asked': null
  'job-terms-version': { version: number }
  'job-see-applications': { count: number }
  'job-do-edit': null
  'job-do-start': null
  'job-do-complete': null
  'job-do-keep': null
  'job-do-unassign': null
  'job-do-cancel': null
  'job-do-drop': null
  'job-do-publish': null
  'job-start-title': null
  'job-start-body': { name: string }
  'job-complete-title': null
  'job-complete-body': { name: string }
  'job-unassign-title': { name: string }
  'job-unassign-body': null
  'job-cancel-title': null
  'job-cancel-body': null
  'job-drop-title': null
  'job-drop-body': null
  'job-publish-title': null
  'job-publish-body': null
  'job-draft-line': null
  'job-assigned-you': { name: string }
  'job-assigned-them': { name: string }
  'job-asked-you': { when: string }
  'job-asked-them': { name: string; when: string }
  'job-released-to-you': null
  'job-sum-released': null
  'job-sum-held': null
  'job-sum-frozen': null
  'job-sum-returned': null
  'job-sum-due': null
  'job-agreed-price': null
  'job-parts': null
  'job-rest': null
  'job-rest-line': null
  'job-due': { day: string }
  'job-fund': null
  'job-pay': null
  'job-fund-part': { title: string }
  'job-fund-rest': null
  'job-add-part': null
  'job-change': null
  'job-change-part': { title: string }
  'job-part-number': { number: number }
  'job-part-released': null
  'job-part-split': null
  'job-part-returned': null
  'job-part-frozen': null
  'job-part-your-review': null
  'job-part-in-review': null
  'job-part-your-reply': null
  'job-part-in-reply': null
  'job-part-ready': null
  'job-part-held': null
  'job-part-waits': null
  'job-part-not-funded': null
  'job-handed-in': { name: string; when: string }
  'job-hand-in-line': null
  'job-hand-in-wait': { name: string }
  'job-changes-asked': { name: string; when: string }
  'job-refund-asked': { name: string; when: string }
  'job-clock-review': null
  'job-clock-review-you': { name: string }
  'job-clock-review-them': { name: string }
  'job-clock-reply': null
  'job-clock-reply-you': { name: string }
  'job-clock-reply-them': { name: string }
  'job-clock-pay': null
  'job-clock-pay-line': null
  'job-about': { left: string }
  'job-fee': { percent: string }
  'job-receive': null
  'job-got': { name: string }
  'job-came-back': { name: string }
  'job-provider-frozen': null
  'job-do-submit': null
  'job-do-submit-again': null
  'job-do-release': { amount: string }
  'job-do-release-early': { amount: string }
  'job-do-changes': null
  'job-do-ask-back': null
  'job-do-leave-it': null
  'job-do-refund': null
  'job-do-dispute': null
  'job-see-dispute': null
  'job-money-needs-link': null
  'job-release-title': { name: string; number: number }
  'job-release-part-title': { name: string; number: number }
  'job-refund-title': { name: string; number: number }
  'job-refund-part-title': { name: string; number: number }
  'job-release-offline': { name: string }
  'job-refund-offline': { name: string }
  'job-move-offline': { when: string }
  'job-try-now': null
  'job-not-yet': null
  'job-amount': null
  'job-amount-of': { amount: string }
  'job-how-much': null
  'job-half': null
  'job-three-quarters': null
  'job-all': null
  'job-gets': { name: string }
  'job-fees': null
  'job-fee-paid-by': { name: string; percent: string }
  'job-returns': { name: string }
  'job-stays': null
  'job-stays-for': { title: string }
  'job-will-be-written': null
  'job-movement': null
  'job-account-person': { name: string }
  'job-account-escrow': { id: string }
  'job-account-fees': null
  'job-balances': null
  'job-now': null
  'job-after': null
  'job-held-part': { number: number }
  'job-asking': null
  'job-undo-line': { name: string; seconds: number }
  'job-undo-refund-line': { name: string; seconds: number }
  'job-release-amount': { amount: string }
  'job-refund-amount': { amount: string }
  'job-going': null
  'job-going-release': { amount: string; name: string }
  'job-going-refund': { amount: string; name: string }
  'job-going-line': null
  'job-going-sent': null
  'job-undo': null
  'job-seconds': { seconds: number }
  'job-going-undone': null
  'job-going-stopped': null
  'job-going-offline': null
  'job-going-changed': null
  'job-going-refused': null
  'job-going-unanswered': null
  'job-going-unanswered-body': null
  'job-going-again': null
  'job-released': { amount: string; name: string }
  'job-refunded': { amount: string; name: string }
  'job-fund-title': { title: string }
  'job-for': null
  'job-held-for': null
  'job-pay-from': null
  'job-pay-balance': null
  'job-provider-paystack': null
  'job-provider-flutterwave': null
  'job-provider-sandbox': null
  'job-provider-other': null
  'job-fund-line': { name: string }
  'job-hold-amount': { amount: string }
  'job-pay-amount': { amount: string }
  'job-held-now': { amount: string }
  'job-pay-in-browser': null
  'job-pay-at-address': null
  'job-pay-hears': null
  'job-pay-otherwise': null
  'job-open-page-again': null
  'job-why': null
  'job-submit-title': { title: string }
  'job-submit-lead': { days: number; name: string }
  'job-submit-label': null
  'job-submit-action': null
  'job-submit-done': { name: string }
  'job-changes-title': { name: string }
  'job-changes-lead': { name: string }
  'job-changes-label': null
  'job-changes-action': null
  'job-changes-done': { name: string }
  'job-ask-back-title': { name: string }
  'job-ask-back-lead': { days: number; name: string }
  'job-ask-back-action': null
  'job-ask-back-done': { name: string }
  'job-dispute-title': { title: string }
  'job-dispute-lead': { name: string }
  'job-dispute-label': null
  'job-dispute-action': null
  'job-dispute-done': { name: string }
  'job-files-count': { count: number }
  'job-part-add-title': null
  'job-part-change-title': null
  'job-part-what': null
  'job-part-price': null
  'job-part-most': { amount: string }
  'job-part-due': null
  'job-part-save': null
  'job-part-drop': null
  'job-activity': null
  'job-as-client': null
  'job-as-artisan': null
  'job-how-far': null
  'job-step-fund': { amount: string; name: string; number: number }
  'job-step-fund-from-balance': { amount: string; name: string; number: number }
  'job-step-submit': { name: string; number: number }
  'job-step-request-changes': { name: string; number: number }
  'job-step-request-refund': { name: string; number: number }
  'job-step-withdraw-refund-request': { name: string; number: number }
  'job-step-release': { amount: string; name: string; number: number }
  'job-step-refund': { amount: string; name: string; number: number }
  'job-step-review-passes': { amount: string; number: number }
  'job-step-reply-passes': { amount: string; number: number }
  'job-step-dispute': { name: string; number: number }
  'job-step-withdraw-dispute': { name: string; number: number }
  'job-step-resolve': { number: number }
  'job-step-cancel': { name: string; number: number }
  'job-step-report': { name: string; note: string; percent: number }
  'job-step-terms': { amount: string; version: number }
  'job-report': null
  'job-report-title': null
  'job-report-label': null
  'job-report-photos': null
  'job-report-offline': null
  'job-report-send': null
  'job-report-queue': null
  'job-report-sent': null
  'job-report-kept': null
  'job-report-waits': null
  'job-report-written': { when: string }
  'job-report-refused': null
  'job-report-drop': null
  'job-beside': null
  'job-next-review-you': { name: string; title: string; when: string }
  'job-next-review': { name: string; title: string; when: string }
  'job-next-reply-you': { name: string; title: string; when: string }
  'job-next-reply': { name: string; title: string; when: string }
  'job-terms-title': { version: number }
  'job-terms-since': { when: string }
  'job-terms-before': null
  'job-terms-was': { amount: string; version: number; when: string }
  'job-proposal-yours': null
  'job-proposal-theirs': { name: string }
  'job-proposal-price': { from: string; to: string }
  'job-proposal-accept': null
  'job-proposal-accept-at': { amount: string }
  'job-proposal-decline': null
  'job-proposal-make': null
  'job-proposal-new-price': null
  'job-proposal-hint-other': { name: string }
  'job-proposal-send': null
  'job-stars': { count: number }
  'job-review-title': { name: string }
  'job-review-how': null
  'job-review-words': null
  'job-review-hint': { name: string }
  'job-review-stars': null
  'job-review-send': null
  'job-review-done': null
  'job-applications': null
  'job-your-budget': { amount: string }
  'job-as-budget': null
  'job-over': { amount: string }
  'job-under': { amount: string }
  'job-nobody-applied': null
  'job-nobody-applied-line': null
  'job-applications-ended': null
  'job-their-page': null
  'job-applied-at': { when: string }
  'job-if-you-accept': null
  'job-if-price': { amount: string }
  'job-if-others': null
  'job-accept-at': { amount: string; name: string }
  'job-accept-title': { name: string }
  'job-accept-body': { name: string }
  'job-accepted': { name: string }
  'job-decline': { name: string }
  'job-post-what': null
  'job-post-where': null
  'job-post-money': null
  'job-post-photos': null
  'job-post-read': null
  'job-post-go': { step: string }
  'job-post-open': null
  'job-post-continue': { step: string }
  'job-post-change': null
  'job-post-change-line': null
  'job-post-publish-line': null
  'job-post-read-line': null
  'job-post-photos-line': null
  'job-post-save': null
  'job-post-seen': null
  'job-post-to-publish': null
  'job-post-free': null
  'job-post-no-title': null
  'job-post-kept': { time: string }
  'job-post-keeping': null
  'job-post-not-yet': null
  'job-post-not-kept': null
  'job-post-offline': null
  'job-title': null
  'job-title-short': { count: number }
  'job-description': null
  'job-description-short': { count: number }
  'job-description-hint': null
  'job-category-missing': null
  'job-starts': null
  'job-ends': null
  'job-budget-whole': null
  'job-budget-hint': null
  'job-currency': null
  'job-changed': null
  'job-published': null
  'jobs-application-received': null
  'jobs-application-received-body': { name: string; title: string }
  'jobs-application-accepted': null
  'jobs-application-accepted-body': { name: string; price: string; title: string }
  'jobs-application-rejected': null
  'jobs-application-rejected-body': { title: string }
  'jobs-application-given-body': { title: string }
  'jobs-changed': null
  'jobs-changed-body': { title: string }
  'jobs-cancelled': null
  'jobs-cancelled-body': { title: string }
  'jobs-expired': null
  'jobs-expired-body': { title: string }
  'jobs-unfunded-ended-body': { title: string }
  'jobs-client-left-body': { title: string }
  'jobs-unassigned': null
  'jobs-unassigned-body': { name: string; title: string }
  'jobs-reopened-body': { title: string }
  'jobs-started': null
  'jobs-started-body': { name: string; title: string }
  'jobs-progress': null
  'jobs-progress-body': { name: string; percent: string; title: string }
  'jobs-invited': null
  'jobs-invited-body': { name: string; title: string }
  'jobs-plan': null
  'jobs-plan-body': { name: string; title: string }
  'jobs-proposal': null
  'jobs-proposal-body': { name: string; title: string }
  'jobs-proposal-accepted': null
  'jobs-proposal-accepted-body': { name: string; title: string }
  'jobs-proposal-declined': null
  'jobs-proposal-declined-body': { name: string; title: string }
  'jobs-unfunded': null
  'jobs-unfunded-body': { title: string }
  'jobs-completed': null
  'jobs-completed-body': { title: string }
  'jobs-reviewed': null
  'jobs-reviewed-body': { name: string; title: string }
  'jobs-must-end-client': { title: string }
  'jobs-must-end-artisan': { title: string }
  'jobs-money-held': null
  'jobs-money-held-body': { amount: string; title: string }
  'jobs-money-arrived': null
  'jobs-money-arrived-body': { amount: string; title: string }
  'jobs-money-released': null
  'jobs-money-released-body': { amount: string; name: string; net: string; title: string }
  'jobs-money-released-by-silence-body': { amount: string; net: string; title: string }
  'jobs-money-yours-by-administrator-body': { amount: string; net: string; title: string }
  'jobs-money-gone': null
  'jobs-money-gone-by-silence-body': { amount: string; title: string }
  'jobs-money-released-by-administrator-body': { amount: string; title: string }
  'jobs-money-refunded': null
  'jobs-money-refunded-body': { amount: string; title: string }
  'jobs-money-refunded-away': null
  'jobs-money-refunded-away-body': { amount: string; title: string }
  'jobs-money-refunded-by-silence-body': { amount: string; title: string }
  'jobs-submitted': null
  'jobs-submitted-body': { amount: string; days: string; name: string; title: string }
  'jobs-changes': null
  'jobs-changes-body': { name: string; title: string }
  'jobs-refund-asked': null
  'jobs-refund-asked-body': { amount: string; days: string; name: string; title: string }
  'jobs-refund-not-asked': null
  'jobs-refund-not-asked-body': { name: string; title: string }
  'jobs-payment-cancelled': null
  'jobs-payment-cancelled-body': { name: string; title: string }
  'jobs-payment-cancelled-by-administrator-body': { title: string }
  'jobs-payment-not-made-body': { title: string }
  'jobs-payment-kept': null
  'jobs-payment-kept-body': { amount: string; title: string }
  'jobs-payment-failed': null
  'jobs-payment-failed-body': { title: string }
  'jobs-all-paid': null
  'jobs-all-paid-body': { days: string; title: string }
  'jobs-disputed': null
  'jobs-disputed-body': { amount: string; name: string; title: string }
  'jobs-dispute-withdrawn': null
  'jobs-dispute-withdrawn-body': { name: string; title: string }
  'jobs-dispute-resolved': null
  'jobs-dispute-resolved-body': { payee: string; payer: string; title: string }
  'jobs-time-given-back': null
  'jobs-time-given-back-body': { time: string; title: string }
  'jobs-review-ends': null
  'jobs-review-ends-body': { amount: string; time: string; title: string }
  'jobs-reply-ends': null
  'jobs-reply-ends-body': { amount: string; time: string; title: string }
  'jobs-days': { count: number }
  'jobs-hours': { count: number }
  'jobs-minutes': { count: number }
  'unreachable-busy': null
  'unreachable-dns': null
  'unreachable-garbled': null
  'unreachable-refused': null
  'unreachable-timeout': null
  'unreachable-silent': null
  'unreachable-tls': null
  'unreachable-closed': null
  'unreachable-server_restart': null
  'unreachable-unfit': null
  'unreachable-intercepted': null
  'unreachable-keychain_locked': null
  'unreachable-keychain_unavailable': null
  'unreachable-local_server': null
  'unreachable-not_an_address': null
  'unreachable-not_guildhall': null
  'unreachable-other': null
  'link-busy': null
  'link-refused': null
  'link-timeout': null
  'link-silent': null
  'link-closed': null
  'link-dns': null
  'link-garbled': null
  'link-tls': null
  'link-server_restart': null
  'link-unfit': null
  'link-intercepted': null
  'link-keychain_locked': null
  'link-keychain_unavailable': null
  'link-local_server': null
  'link-not_an_address': null
  'link-not_guildhall': null
  'link-other': null
  'mail-preferences-unread-subject': { count: number; hall: string }
  'mail-preferences-unread-lead': null
  'mail-preferences-unread-others': { count: number }
  'mail-preferences-unread-open': { hall: string }
  'mail-preferences-unread-footer': { hall: string; link: string }
  'mail-preferences-page-title': { hall: string }
  'mail-preferences-page-line': null
  'mail-preferences-page-do': null
  'mail-preferences-page-done': null
  'mail-preferences-page-done-line': { hall: string }
  'mail-preferences-page-none': null
  'mail-preferences-page-none-line': null
  'mail-preferences-title': null
  'mail-preferences-unread_messages': null
  'mail-preferences-unread_messages-hint': null
  'mail-preferences-other': null
  'mail-preferences-sends-none': null
  'mail-preferences-security': null
  'mail-preferences-unknown': null
  'mail-preferences-not-changed': null
  'mails-greeting': { name: string }
  'mails-greeting-nobody': null
  'mails-footer': { hall: string }
  'mails-never-tell': { hall: string }
  'mails-code-email-subject': { hall: string }
  'mails-code-email-lead': { hall: string }
  'mails-code-life': null
  'mails-code-email-not-you': null
  'mails-registration-subject': { hall: string }
  'mails-registration-lead': { hall: string }
  'mails-registration-not-you': { hall: string }
  'mails-somebody-new': null
  'mails-already-here-subject': { hall: string }
  'mails-already-here-lead': { hall: string; when: string }
  'mails-already-here-you': { hall: string }
  'mails-already-here-not-you': null
  'mails-code-phone': { code: string; hall: string }
  'mails-code-password-subject': { hall: string }
  'mails-code-password-lead': { hall: string }
  'mails-code-password-not-you': null
  'mails-password-changed-subject': { hall: string }
  'mails-password-changed-lead': { place: string; when: string }
  'mails-password-changed-others': null
  'mails-not-you-password': { hall: string }
  'mails-email-changed-subject': { hall: string }
  'mails-email-changed-lead': { new: string; place: string; when: string }
  'mails-email-changed-undo': { hall: string }
  'mails-email-changed-life': null
  'mails-new-sign-in-subject': { hall: string }
  'mails-new-sign-in-lead': { device: string; place: string; when: string }
  'mails-new-sign-in-was-you': null
  'mails-new-sign-in-not-you': { hall: string }
  'mails-notice-new-sign-in': null
  'mails-notice-new-sign-in-line': { device: string; place: string }
  'messages-not-loaded': { name: string }
  'messages-open-file': { name: string }
  'messages-save-file': { name: string }
  'messages-you-blocked': { name: string }
  'messages-write-to': { name: string }
  'messages-send-place': { name: string }
  'messages-remove-file': { name: string }
  'messages-message-short': { name: string }
  'messages-message-to': { name: string }
  'messages-length-of': { length: number; most: number }
  'messages-length-left': { left: number }
  'messages-unread-number': { count: number }
  'messages-online': null
  'messages-you-state': { state: string }
  'messages-unblock': { name: string }
  'messages-block': { name: string }
  'messages-part-unreadable': null
  'messages-unreadable': null
  'messages-why-failed': { state: string; why: string }
  'messages-file-line': { name: string; size: string }
  'messages-changed-by-server': null
  'messages-last-seen': { when: string }
  'messages-about-person': { name: string }
  'messages-block-title': { name: string }
  'messages-remove-body': { name: string }
  'messages-log': { name: string }
  'messages-older-not-here': null
  'messages-older-not-here-offline': null
  'messages-began': { name: string }
  'messages-new-messages': { count: number }
  'messages-new-messages-from': { count: number; name: string }
  'messages-said': { name: string; text: string }
  'messages-a-file': null
  'messages-conversation-with': { name: string }
  'messages-is-typing': { name: string }
  'messages-delete-body': { name: string }
  'messages-other-person': null
  'messages-subject': { title: string }
  'messages-not-blocked': { name: string }
  'messages-still-blocked': { name: string }
  'messages-over-by': { count: number }
  'messages-nothing-left': null
  'messages-nothing-visible': null
  'messages-time-unknown': null
  'messages-queued-soon': { when: string }
  'messages-queued': { when: string }
  'messages-queued-several': { count: number; when: string }
  'messages-state-sending': null
  'messages-when-sent': { when: string }
  'messages-when-delivered': { when: string }
  'messages-when-read': { when: string }
  'messages-when-read-at': { read: string; when: string }
  'messages-state-failed': null
  'messages-last-waiting': null
  'messages-last-sending': null
  'messages-last-sent': null
  'messages-last-delivered': null
  'messages-last-read': null
  'messages-last-failed': null
  'messages-last-deleted': null
  'messages-last-unknown': null
  'messages-files': { count: number }
  'messages-refused': null
  'messages-presence-blocked': null
  'messages-presence-online': null
  'messages-presence-offline': null
  'messages-presence-last-seen': { when: string }
  'messages-presence-last-seen-before': { when: string }
  'messages-avatar-online': { name: string }
  'messages-avatar-offline': { name: string }
  'messages-link-careful': { act: string }
  'messages-link-odd': null
  'messages-draft': null
  'messages-left-out': null
  'messages-save': null
  'messages-try-again': null
  'messages-open': null
  'messages-the-file-was-not-saved': null
  'messages-saved': null
  'messages-unblock-2': null
  'messages-chosen-files': null
  'messages-the-place-where-it-was': null
  'messages-the-place-where-it-was-taken': null
  'messages-remove': null
  'messages-attach-a-file': null
  'messages-queue': null
  'messages-send': null
  'messages-enter-adds-to-queue': null
  'messages-enter-to-send': null
  'messages-queued-2': null
  'messages-the-file-is-still-attached': null
  'messages-conversations': null
  'messages-inbox': null
  'messages-filter-by-name': null
  'messages-new-message': null
  'messages-filter-people-by-name': null
  'messages-name': null
  'messages-stop-filtering': null
  'messages-show': null
  'messages-all': null
  'messages-unread': null
  'messages-nobody-by-that-name': null
  'messages-you-have-not-written-with': null
  'messages-nothing-unread': null
  'messages-you-have-read-everything': null
  'messages-no-messages-yet': null
  'messages-write-to-somebody-to-begin': null
  'messages-typing': null
  'messages-queued-3': null
  'messages-not-sent': null
  'messages-the-list-could-not-be': null
  'messages-mark-as-read': null
  'messages-the-conversation-is-still-unread': null
  'messages-remove-from-list': null
  'messages-edit-and-send-again': null
  'messages-message': null
  'messages-cancel': null
  'messages-message-actions': null
  'messages-edit': null
  'messages-delete': null
  'messages-copy': null
  'messages-copied': null
  'messages-delete-for-both': null
  'messages-the-message-is-still-there': null
  'messages-find-a-person': null
  'messages-people': null
  'messages-nobody-you-wrote-with-before': null
  'messages-nobody-has-this-name': null
  'messages-identity-checked': null
  'messages-craft': null
  'messages-role': null
  'messages-runs-this-hall': null
  'messages-presence': null
  'messages-blocked': null
  'messages-by-you': null
  'messages-online-now': null
  'messages-not-known': null
  'messages-neither-of-you-can-write': null
  'messages-remove-this-conversation-from-the': null
  'messages-the-conversation-is-still-in': null
  'messages-loading-older-messages': null
  'messages-new': null
  'messages-newest': null
  'messages-older-messages-could-not-be': null
  'messages-this-conversation-cant-be-shown': null
  'messages-drop-the-files-to-attach': null
  'messages-delete-this-message-for-both': null
  'messages-the-message-was-not-deleted': null
  'messages-link-copied': null
  'messages-copy-link': null
  'messages-open-link': null
  'messages-ctrl-enter-queues': null
  'messages-ctrl-enter-sends': null
  'messages-not-loaded-thread': null
  'messages-suggestions': null
  'messages-see-page': null
  'messages-step': null
  'messages-step-line': null
  'money-percent': { percent: number }
  'money-bar': null
  'money-bar-part': { amount: string; name: string; state: string }
  'money-released': null
  'money-held': null
  'money-frozen': null
  'money-returned': null
  'money-due': null
  'money-fee': null
  'known-as-of': { when: string }
  'known-nobody-answers': null
  'notices-new-message': null
  'notices-new-messages': { count: number }
  'notices-new-things': { count: number }
  'notices-something-new': null
  'notices-test': null
  'notices-mark-read': null
  'notifications-open-one': { title: string }
  'notifications-read-one': { title: string }
  'notifications-delete-one': { title: string }
  'notifications-unread': null
  'notifications-rail': { count: number }
  'notifications-notifications': null
  'notifications-show': null
  'notifications-all': null
  'notifications-needs-you': null
  'notifications-mark-all-read': null
  'notifications-nothing-needs-you': null
  'notifications-all-quiet': null
  'notifications-unread-notifications-with-something-to': null
  'notifications-news-about-your-messages-and': null
  'notifications-mark-as-read': null
  'notifications-older-notifications-could-not-be': null
  'notifications-show-older': null
  'notifications-the-notification-is-still-unread': null
  'notifications-the-notifications-are-still-unread': null
  'notifications-all-notifications-are-read': null
  'notifications-the-notification-is-still-there': null
  'notifications-delete': null
  'notifications-deleted': null
  'notifications-open': null
  'notifications-earlier-today': null
  'notifications-unreadable': null
  'payments-page-title': null
  'payments-page-held': null
  'payments-page-pending': null
  'payments-page-failed': null
  'payments-page-kept': null
  'payments-page-unknown': null
  'payments-sandbox-title': null
  'payments-sandbox-lead': { amount: string; title: string }
  'payments-sandbox-pay': null
  'payments-sandbox-decline': null
  'payments-suspense': null
  'payments-suspense-body': { key: string }
  'payouts-title': null
  'payouts-lead': null
  'payouts-none': null
  'payouts-none-refused': { account: string; reason: string }
  'payouts-none-here': null
  'payouts-unknown': null
  'payouts-account': { bank: string; number: string }
  'payouts-add': null
  'payouts-add-one': { currency: string }
  'payouts-add-other': null
  'payouts-add-other-one': { currency: string }
  'payouts-stop': null
  'payouts-stop-one': { bank: string; number: string }
  'payouts-stop-title': null
  'payouts-stop-body': { bank: string; number: string }
  'payouts-stopped': null
  'payouts-not-stopped': null
  'payouts-state-pending': null
  'payouts-state-verified': null
  'payouts-state-soon': { when: string }
  'payouts-state-rejected': null
  'payouts-state-revoked': null
  'payouts-state-other': null
  'payouts-hint-soon': { when: string }
  'payouts-hint-pending': null
  'payouts-dialog': { currency: string }
  'payouts-password': null
  'payouts-password-why': null
  'payouts-local': null
  'payouts-answer-lost': null
  'payouts-send-code': null
  'payouts-code': null
  'payouts-code-mail': { address: string }
  'payouts-code-app': { code: string }
  'payouts-code-administrator': null
  'payouts-currency': { currency: string }
  'payouts-bank': null
  'payouts-bank-choose': null
  'payouts-number': null
  'payouts-number-hint': null
  'payouts-save': null
  'payouts-added': null
  'payouts-added-waits': null
  'payouts-added-soon': { when: string }
  'payouts-nobody-answers': null
  'payouts-code-subject': { hall: string }
  'payouts-code-lead': { hall: string }
  'payouts-added-subject': { hall: string }
  'payouts-added-lead': { bank: string; currency: string; number: string; place: string; when: string }
  'payouts-added-usable': null
  'payouts-added-stop': null
  'payouts-added-stop-in-app': { hall: string }
  'payouts-page-title': null
  'payouts-page-lead': { bank: string; currency: string; number: string; when: string }
  'payouts-page-button': null
  'payouts-page-stopped': null
  'payouts-page-stopped-lead': null
  'payouts-page-replaced': null
  'payouts-arrived': null
  'payouts-arrived-body': { amount: string; bank: string }
  'payouts-failed': null
  'payouts-failed-body': { amount: string; why: string }
  'payouts-came-back': null
  'payouts-came-back-body': { amount: string; bank: string }
  'profiles-bad-name': null
  'profiles-bad-trade': null
  'profiles-bad-place': null
  'profiles-bad-words': null
  'profiles-bad-languages': null
  'profiles-bad-title': null
  'profiles-too-many-works': null
  'profiles-no-picture': null
  'profiles-too-often': null
  'profiles-people': null
  'profiles-where': null
  'profiles-find': null
  'profiles-trade': null
  'profiles-place': null
  'profiles-whom': null
  'profiles-artisans': null
  'profiles-everybody': null
  'profiles-client': null
  'profiles-more': null
  'profiles-order': null
  'profiles-found': { count: number }
  'profiles-nobody': null
  'profiles-nobody-line': null
  'profiles-nobody-here': null
  'profiles-nobody-here-line': null
  'profiles-only-known': null
  'profiles-nobody-there': null
  'profiles-not-shown': null
  'profiles-page-of': { name: string }
  'profiles-work-with': { name: string }
  'profiles-message': null
  'profiles-presence': null
  'profiles-online': null
  'profiles-last-seen': { when: string }
  'profiles-role': null
  'profiles-runs-this-hall': null
  'profiles-blocked': null
  'profiles-by-you': null
  'profiles-here-since': { when: string }
  'profiles-mark-identity': null
  'profiles-mark-email': null
  'profiles-mark-phone': null
  'profiles-mark-payout': null
  'profiles-work': null
  'profiles-work-number': { n: number }
  'profiles-open-work': { name: string }
  'profiles-reviews': null
  'profiles-no-reviews': null
  'profiles-no-reviews-yours': null
  'profiles-block-and-more': null
  'profiles-block': { name: string }
  'profiles-unblock': { name: string }
  'profiles-block-title': { name: string }
  'profiles-block-body': { name: string }
  'profiles-your-page': null
  'profiles-as-others-see': null
  'profiles-change': null
  'profiles-waiting': null
  'profiles-kept': null
  'profiles-saving': null
  'profiles-save': null
  'profiles-see-it': null
  'profiles-offline-too': null
  'profiles-drop-changes': null
  'profiles-name': null
  'profiles-trade-hint': null
  'profiles-place-hint': null
  'profiles-languages': null
  'profiles-languages-example': null
  'profiles-add-language': null
  'profiles-remove-language': { name: string }
  'profiles-words': null
  'profiles-words-count': { count: number; most: number }
  'profiles-your-picture': null
  'profiles-change-picture': null
  'profiles-change-short': null
  'profiles-choose-picture': null
  'profiles-remove-picture': null
  'profiles-picture-still-there': null
  'profiles-crop': null
  'profiles-crop-hint': null
  'profiles-zoom': null
  'profiles-cancel': null
  'profiles-use-picture': null
  'profiles-work-hint': null
  'profiles-add-work': null
  'profiles-move': null
  'profiles-move-work': { name: string }
  'profiles-remove': null
  'profiles-remove-work': { name: string }
  'profiles-work-still-there': null
  'profiles-order-not-kept': null
  'profiles-title': null
  'profiles-title-of': { name: string }
  'profiles-called-page': null
  'profiles-called-picture': null
  'profiles-called-work': null
  'profiles-step': null
  'profiles-step-line': null
  'profiles-step-does': null
  'refusal-account_in_use': null
  'refusal-attachment_missing': null
  'refusal-bad_split': null
  'refusal-bad_text': null
  'refusal-being_sent': null
  'refusal-broke_off': null
  'refusal-busy': null
  'refusal-disk_full': null
  'refusal-email_unverified': null
  'refusal-identity_unverified': null
  'refusal-email_taken': null
  'refusal-empty': null
  'refusal-empty_file': null
  'refusal-file_too_large': null
  'refusal-file_type': null
  'refusal-forbidden': null
  'refusal-in_progress': null
  'refusal-insufficient_funds': null
  'refusal-internal': null
  'refusal-invalid': null
  'refusal-invalid_credentials': null
  'refusal-key_reused': null
  'refusal-last_administrator': null
  'refusal-method_not_allowed': null
  'refusal-must_end_first': null
  'refusal-no_attempts_left': null
  'refusal-no_database': null
  'refusal-no_statement': null
  'refusal-not_found': null
  'refusal-not_reachable': null
  'refusal-picture_unreadable': null
  'refusal-provider_dispute': null
  'refusal-provider_short': null
  'refusal-registration_ended': null
  'refusal-reported_before': null
  'refusal-same_party': null
  'refusal-store_full': null
  'refusal-suspended': null
  'refusal-too_large': null
  'refusal-too_long': null
  'refusal-too_many': null
  'refusal-look_first': null
  'refusal-not_a_phone': null
  'refusal-not_mobile': null
  'refusal-too_many_numbers': null
  'refusal-too_many_codes': null
  'refusal-too_many_logins': null
  'refusal-too_many_messages': null
  'refusal-too_many_pixels': null
  'refusal-too_many_registrations': null
  'refusal-currency_not_offered': null
  'refusal-provider_unreachable': null
  'refusal-bad_signature': null
  'refusal-too_much': null
  'refusal-too_often': null
  'refusal-too_many_reports': null
  'refusal-too_many_tries': null
  'refusal-too_slow': null
  'refusal-two_step_required': null
  'refusal-two_step_wrong': null
  'refusal-unauthenticated': null
  'refusal-unknown_chargeback': null
  'refusal-unknown_recipient': null
  'refusal-unsent_quota': null
  'refusal-unwell': null
  'refusal-waiting': null
  'refusal-websocket_needed': null
  'refusal-wrong_code': null
  'refusal-wrong_currency': null
  'refusal-wrong_host': null
  'refusal-wrong_password': null
  'refusal-wrong_state': null
  'file-empty_file': { name: string }
  'file-file_too_large': { name: string }
  'file-file_type': { name: string }
  'file-picture_unreadable': { name: string }
  'file-store_full': { name: string }
  'file-too_many': { name: string }
  'file-too_many_pixels': { name: string }
  'file-unsent_quota': { name: string }
  'file-other': { name: string }
  'refusal-here-disk-full': null
  'refusal-here-unavailable': null
  'refusal-here-internal': { reference: string }
  'refusal-bad_amount': null
  'refusal-changed': null
  'refusal-exists': null
  'refusal-money_held': null
  'refusal-nothing_submitted': null
  'refusal-over_agreed': null
  'refusal-own_listing': null
  'refusal-price_moved': null
  'refusal-too_short': null
  'refusal-was_funded': null
  'reports-title': null
  'reports-lead': null
  'reports-none': null
  'reports-none-line': null
  'reports-unknown': null
  'reports-report-message': null
  'reports-report-person': null
  'reports-report-picture': null
  'reports-picture-of': { name: string }
  'reports-message-of': { name: string }
  'reports-profile-of': { name: string }
  'reports-message-body': null
  'reports-profile-body': null
  'reports-words': null
  'reports-send': null
  'reports-sent': null
  'reports-sent-body': null
  'reports-yours': null
  'reports-about-you': null
  'reports-kind-message': null
  'reports-kind-profile': null
  'reports-kind-picture': null
  'reports-state-open': null
  'reports-state-dismissed': null
  'reports-state-decided': null
  'reports-state-answered': null
  'reports-state-upheld': null
  'reports-state-taken_back': null
  'reports-measure-hide': null
  'reports-measure-warn': null
  'reports-measure-suspend': null
  'reports-reason': null
  'reports-your-answer': null
  'reports-in-the-end': null
  'reports-answer': null
  'reports-answer-once': null
  'reports-answer-send': null
  'saved_replies-title': null
  'saved_replies-lead': null
  'saved_replies-none': null
  'saved_replies-none-line': null
  'saved_replies-name': null
  'saved_replies-name-hint': null
  'saved_replies-text': null
  'saved_replies-add': null
  'saved_replies-edit': null
  'saved_replies-edit-one': { name: string }
  'saved_replies-delete': null
  'saved_replies-delete-one': { name: string }
  'saved_replies-delete-title': { name: string }
  'saved_replies-delete-body': null
  'saved_replies-save': null
  'saved_replies-cancel': null
  'saved_replies-waiting': null
  'saved_replies-not-deleted': null
  'saved_replies-bad-name': null
  'saved_replies-too-many': null
  'settings-span': { from: string; to: string }
  'settings-quiet-from': { span: string }
  'settings-quiet-paused': { when: string }
  'settings-quiet-off': null
  'settings-quiet-inside': { wait: string }
  'settings-quiet-outside': { wait: string }
  'settings-quiet-bar': { span: string; when: string }
  'settings-shown-through': { service: string }
  'settings-percent': { percent: number }
  'settings-not-sent-marked': { count: number }
  'settings-messages': { count: number }
  'settings-version': { version: string }
  'settings-to': null
  'settings-about': null
  'settings-notification-service': null
  'settings-doesnt-answer-you-see-notices': null
  'settings-local-mode': null
  'settings-not-possible-here': null
  'settings-licences': null
  'settings-reddit-sans-petrona-ibm-plex': null
  'settings-linux': null
  'settings-windows': null
  'settings-in-a-browser': null
  'settings-appearance': null
  'settings-changes-apply-at-once-on': null
  'settings-theme': null
  'settings-text-size': null
  'settings-from-100-to-150': null
  'settings-stronger-contrast': null
  'settings-darker-lines-and-meta-text': null
  'settings-writing-and-window': null
  'settings-enter-sends': null
  'settings-shift-enter-begins-a-new': null
  'settings-keep-running-when-the-window': null
  'settings-guildhall-stays-in-the-tray': null
  'settings-match-system': null
  'settings-light': null
  'settings-dark': null
  'settings-data-and-storage': null
  'settings-guildhall-keeps-a-copy-here': null
  'settings-on-this-computer': null
  'settings-copy-of-the-servers-data': null
  'settings-drafts-and-waiting-messages': null
  'settings-folder': null
  'settings-copy-path': null
  'settings-waiting-to-send': null
  'settings-nothing': null
  'settings-not-sent': null
  'settings-show-inbox': null
  'settings-copied': null
  'settings-notifications': null
  'settings-what-reaches-you-and-when': null
  'settings-quiet-hours': null
  'settings-end-quiet-now': null
  'settings-quiet-for-1-h': null
  'settings-quiet-every-day': null
  'settings-from': null
  'settings-a-new-message': null
  'settings-show-it-in-the-app': null
  'settings-at-the-lower-right-when': null
  'settings-show-it-on-the-desktop': null
  'settings-through-the-system-when-guildhall': null
  'settings-play-a-sound': null
  'settings-hide-names-and-texts-on': null
  'settings-shows-new-message-instead': null
  'settings-test-notice': null
  'settings-the-systems-notification-service-doesnt': null
  'settings-send-a-test': null
  'settings-the-test-notice-was-not': null
  'settings-test-notice-sent': null
  'settings-your-system-shows-it-now': null
  'settings-ctrl-enter-sends': null
  'settings-local-mode-now': null
  'settings-local-mode-here': null
  'settings-region': null
  'settings-region-sample': { date: string; number: number }
  'settings-region-gb': null
  'settings-region-ng': null
  'settings-region-us': null
  'settings-region-in': null
  'settings-region-za': null
  'suspended-title': null
  'suspended-since': { when: string }
  'suspended-answered': null
  'suspended-answer': null
  'suspended-answer-once': null
  'suspended-answer-send': null
  'time-today': null
  'time-yesterday': null
  'time-yesterday-at': { time: string }
  'time-day-at': { day: string; time: string }
  'time-offline-since': { when: string }
  'time-offline-span': { from: string; to: string }
  'time-offline-span-day': { day: string; from: string; to: string }
  'time-written-sent': { sent: string; written: string }
  'time-written-sent-next-day': { written: string }
  'time-written-sent-later': { days: number; written: string }
  'time-written-their-clock': { sent: string; written: string }
  'time-seconds': { seconds: number }
  'time-minutes': { minutes: number }
  'time-hours': { hours: number }
  'time-hours-minutes': { hours: number; minutes: number }
  'time-days': { days: number }
  'time-days-hours': { days: number; hours: number }
  'size-bytes': { n: number }
  'size-kilobytes': { n: number }
  'size-megabytes': { n: number }
  'size-gigabytes': { n: number }
  'size-terabytes': { n: number }
  'tray-open': null
  'tray-quit': null
  'tray-unread': { count: number }
  'two-step-letter-on-subject': { hall: string }
  'two-step-letter-on-lead': { place: string; when: string }
  'two-step-letter-on-undo': { hall: string }
  'two-step-letter-on-life': null
  'two-step-letter-off-subject': { hall: string }
  'two-step-letter-off-lead': { place: string; when: string }
  'two-step-letter-renewed-subject': { hall: string }
  'two-step-letter-renewed-lead': { place: string; when: string }
  'two-step-letter-not-you': { hall: string }
  'two-step-letter-asked-subject': { hall: string }
  'two-step-letter-asked-lead': { when: string }
  'two-step-letter-asked-not-you': { hall: string }
  'two-step-letter-removed-subject': { hall: string }
  'two-step-letter-removed-lead': { when: string }
  'two-step-letter-removed-then': { hall: string }
  'two-step-notice-on': null
  'two-step-notice-off': null
  'two-step-notice-renewed': null
  'two-step-notice-from': { place: string }
  'two-step-notice-asked': null
  'two-step-notice-asked-line': { reason: string }
  'two-step-notice-removed': null
  'two-step-notice-confirm': { name: string }
  'two-step-notice-confirm-line': { name: string }
  'two-step-file-title': { email: string }
  'two-step-file-line': null
  'two-step-title': null
  'two-step-lead': null
  'two-step-label': null
  'two-step-state-on': null
  'two-step-state-off': null
  'two-step-off-hint': null
  'two-step-since': { when: string }
  'two-step-unknown': null
  'two-step-none': null
  'two-step-local': null
  'two-step-set-up': null
  'two-step-off-button': null
  'two-step-set-up-title': null
  'two-step-set-up-lead': null
  'two-step-password': null
  'two-step-next': null
  'two-step-scan': null
  'two-step-drawing': null
  'two-step-secret-typed': null
  'two-step-secret-copy': null
  'two-step-secret-copied': null
  'two-step-first-code': null
  'two-step-first-code-wrong': null
  'two-step-turn-on': null
  'two-step-on-title': null
  'two-step-codes': null
  'two-step-codes-left': { count: number }
  'two-step-codes-lead': null
  'two-step-codes-copy': null
  'two-step-codes-copied': null
  'two-step-codes-save': null
  'two-step-codes-not-saved': null
  'two-step-codes-kept': null
  'two-step-renew-button': null
  'two-step-renew-title': null
  'two-step-renew-lead': null
  'two-step-renew': null
  'two-step-off-title': null
  'two-step-off-lead': null
  'two-step-turn-off': null
  'two-step-is-off': null
  'two-step-is-off-line': null
  'two-step-code': null
  'two-step-code-hint': null
  'two-step-recovery-code': null
  'two-step-recovery-code-hint': null
  'two-step-use-recovery': null
  'two-step-use-app': null
  'two-step-sign-in-title': null
  'two-step-sign-in-lead': { email: string }
  'two-step-back': null
  'two-step-lost': null
  'two-step-desk': null
  'two-step-desk-asked': { name: string; when: string }
  'two-step-desk-off': null
  'two-step-desk-confirm': null
  'two-step-desk-title': { name: string }
  'two-step-desk-body': null
  'two-step-desk-do': null
  'two-step-notice-taken-back-line': null
  'two-step-answer-lost': null
  'two-step-notice-taken-back': null
  'two-step-letter-taken-back-subject': { hall: string }
  'two-step-letter-taken-back-lead': { when: string }
  'two-step-notice-codes-taken-back': null
  'two-step-notice-codes-taken-back-line': null
  'two-step-letter-codes-taken-back-subject': { hall: string }
  'two-step-letter-codes-taken-back-lead': { when: string }
  'verification-title': null
  'verification-lead': null
  'verification-email': null
  'verification-phone': null
  'verification-identity': null
  'verification-payout_account': null
  'verification-domain': null
  'verification-other': null
  'verification-opens-email': null
  'verification-opens-phone': null
  'verification-opens-identity': null
  'verification-opens-payout_account': null
  'verification-opens-domain': null
  'verification-state-none': null
  'verification-state-pending': null
  'verification-state-verified': null
  'verification-state-rejected': null
  'verification-state-expired': null
  'verification-state-revoked': null
  'verification-state-other': null
  'verification-value-since': { value: string; when: string }
  'verification-send-code': null
  'verification-begin-phone': null
  'verification-change-phone': null
  'verification-phone-title': null
  'verification-phone-number': null
  'verification-phone-hint': null
  'verification-phone-until-proved': null
  'verification-phone-moved': null
  'verification-phone-moved-notice': null
  'verification-phone-moved-line': { number: string }
  'verification-enter': null
  'verification-unknown': null
  'verification-nothing': null
  'verification-not-sent': null
  'verification-code-title': null
  'verification-code-sent-mail': { value: string }
  'verification-code-sent-sms': { value: string }
  'verification-code-sent-administrator': null
  'verification-code-sent-app': { code: string }
  'verification-code': null
  'verification-code-hint': null
  'verification-code-until': { when: string }
  'verification-again': null
  'verification-again-at': { when: string }
  'verification-sent-again': null
  'verification-confirm': null
  'verification-done': { value: string }
  'verification-identity-send': null
  'verification-identity-again': null
  'verification-identity-title': null
  'verification-identity-lead': null
  'verification-identity-choose': null
  'verification-identity-chosen': null
  'verification-identity-none': null
  'verification-identity-remove': { name: string }
  'verification-identity-here': null
  'verification-identity-there': null
  'verification-identity-uploading': null
  'verification-identity-progress': { all: number; done: number }
  'verification-identity-waits': null
  'verification-identity-too-many': null
  'verification-identity-too-large': { name: string }
  'verification-identity-unreadable': { name: string }
  'verification-identity-do': null
  'verification-identity-sent': null
  'verification-identity-sent-body': null
  'verification-step': null
  'verification-step-line': null
  'verification-name-changed': null
  'verification-account-name-changed': null
  'verification-taken-back': null
  'wallet-first-balance': { amount: string }
  'wallet-first-held': { amount: string }
  'wallet-first-to-come': { amount: string }
  'wallet-first-on-its-way': { amount: string }
  'wallet-title': null
  'wallet-balances': null
  'wallet-currency': null
  'wallet-available': null
  'wallet-held': null
  'wallet-to-come': null
  'wallet-on-its-way': null
  'wallet-available-line': null
  'wallet-held-line': null
  'wallet-to-come-line': null
  'wallet-on-its-way-line': null
  'wallet-available-none': null
  'wallet-held-none': null
  'wallet-to-come-none': null
  'wallet-on-its-way-none': null
  'wallet-nothing': null
  'wallet-nothing-line': null
  'wallet-unknown': null
  'wallet-parts': null
  'wallet-statement': null
  'wallet-payments': null
  'wallet-payouts': null
  'wallet-accounts': null
  'wallet-more': null
  'wallet-lost': { count: number }
  'wallet-month': null
  'wallet-of-currency': null
  'wallet-everything': null
  'wallet-span': { from: string; until: string }
  'wallet-span-now': { from: string }
  'wallet-span-all': null
  'wallet-date': null
  'wallet-entry': null
  'wallet-movement': null
  'wallet-amount': null
  'wallet-after': null
  'wallet-opening': null
  'wallet-closing': null
  'wallet-balance-now': null
  'wallet-no-entries': null
  'wallet-payment': { number: string }
  'wallet-entry-paid': { title: string }
  'wallet-entry-returned': { title: string }
  'wallet-entry-paid-in': { title: string }
  'wallet-entry-payout': null
  'wallet-entry-payout-to': { bank: string }
  'wallet-entry-unpaid': null
  'wallet-entry-sent-back': null
  'wallet-entry-late-paid': null
  'wallet-entry-chargeback': null
  'wallet-entry-chargeback-undone': null
  'wallet-entry-refund-out': null
  'wallet-entry-other': null
  'wallet-less-fee': { amount: string; fee: string }
  'wallet-from-to': { from: string; to: string }
  'wallet-place-balance': null
  'wallet-place-escrow': null
  'wallet-place-fees': null
  'wallet-place-bank': null
  'wallet-place-provider': null
  'wallet-place-payer': null
  'wallet-place-payee': null
  'wallet-place-house': null
  'wallet-place-other': null
  'wallet-proof': null
  'wallet-proof-show': null
  'wallet-check-again': null
  'wallet-checked': null
  'wallet-checked-line': null
  'wallet-not-checked': null
  'wallet-not-checked-line': null
  'wallet-check-entries': null
  'wallet-check-sum': null
  'wallet-check-signature': null
  'wallet-check-key': null
  'wallet-check-of': { all: number; count: number }
  'wallet-check-no': null
  'wallet-check-yes': null
  'wallet-head': null
  'wallet-head-entry': null
  'wallet-head-made': null
  'wallet-key': null
  'wallet-key-hint': null
  'wallet-take': null
  'wallet-save': null
  'wallet-saved': null
  'wallet-not-saved': null
  'wallet-save-hint': null
  'wallet-check-file': null
  'wallet-check-title': { currency: string }
  'wallet-check-none-title': null
  'wallet-check-period': null
  'wallet-check-period-span': { from: string; until: string }
  'wallet-check-not-one': null
  'wallet-check-too-large': null
  'wallet-check-close': null
  'wallet-payments-none': null
  'wallet-payments-none-line': null
  'wallet-payment-to': { name: string }
  'wallet-payment-from': { name: string }
  'wallet-payment-missing': null
  'wallet-payment-missing-line': null
  'wallet-payment-close': null
  'wallet-payment-job': null
  'wallet-payment-disputes': null
  'wallet-state-awaiting_funds': null
  'wallet-state-held': null
  'wallet-state-in_review': null
  'wallet-state-in_reply': null
  'wallet-state-disputed': null
  'wallet-state-released': null
  'wallet-state-refunded': null
  'wallet-state-split': null
  'wallet-state-partially_released': null
  'wallet-state-charged_back': null
  'wallet-state-cancelled': null
  'wallet-state-other': null
  'wallet-frozen': null
  'wallet-steps': null
  'wallet-step-fund': null
  'wallet-step-fund_from_balance': null
  'wallet-step-pay_by_passes': null
  'wallet-step-cancel': null
  'wallet-step-submit': null
  'wallet-step-request_changes': null
  'wallet-step-request_refund': null
  'wallet-step-withdraw_refund_request': null
  'wallet-step-release': null
  'wallet-step-refund': null
  'wallet-step-review_passes': null
  'wallet-step-reply_passes': null
  'wallet-step-lies_idle': null
  'wallet-step-dispute': null
  'wallet-step-withdraw_dispute': null
  'wallet-step-resolve': null
  'wallet-step-freeze': null
  'wallet-step-thaw': null
  'wallet-step-chargeback': null
  'wallet-step-undo_chargeback': null
  'wallet-step-refund_out': null
  'wallet-step-other': null
  'wallet-by-you': null
  'wallet-by': { name: string }
  'wallet-next-awaiting_funds': { payer: string }
  'wallet-next-awaiting_funds-you': null
  'wallet-next-held': { payee: string }
  'wallet-next-held-you': null
  'wallet-next-in_review': { payer: string }
  'wallet-next-in_review-you': null
  'wallet-next-in_reply': { payee: string }
  'wallet-next-in_reply-you': null
  'wallet-next-disputed': null
  'wallet-then-pay_by_passes': { when: string }
  'wallet-then-review_passes': { when: string }
  'wallet-then-reply_passes': { when: string }
  'wallet-stands-still': { left: string }
  'wallet-price': null
  'wallet-is-held': null
  'wallet-is-released': null
  'wallet-is-returned': null
  'wallet-is-charged-back': null
  'wallet-fee': { name: string; percent: string }
  'wallet-fee-you': { percent: string }
  'wallet-receives': { name: string }
  'wallet-receives-you': null
  'wallet-postings': null
  'wallet-posting': { number: number }
  'wallet-postings-none': null
  'wallet-payouts-none': null
  'wallet-payouts-none-line': null
  'wallet-payout-to': { bank: string; number: string }
  'wallet-payout-gone': null
  'wallet-payout-asked': { when: string }
  'wallet-payout-state-queued': null
  'wallet-payout-state-processing': null
  'wallet-payout-state-paid': null
  'wallet-payout-state-failed': null
  'wallet-payout-state-returned': null
  'wallet-payout-state-other': null
  'wallet-payout-cancel': null
  'wallet-payout-cancel-one': { amount: string; number: string }
  'wallet-payout-cancel-title': null
  'wallet-payout-cancel-body': { amount: string }
  'wallet-payout-cancel-keep': null
  'wallet-payout-cancel-do': null
  'wallet-payout-cancelled': { amount: string }
  'wallet-payout-retry': null
  'wallet-payout-retry-one': { amount: string; number: string }
  'wallet-payout-retry-title': { amount: string }
  'wallet-payout-retry-body': { currency: string }
  'wallet-payout-retry-do': { amount: string }
  'wallet-payout-retried': { amount: string }
  'wallet-payout-lost': null
  'wallet-not-now': null
  'wallet-pay-out': null
  'wallet-pay-out-title': null
  'wallet-pay-out-from': null
  'wallet-pay-out-option': { amount: string; currency: string }
  'wallet-pay-out-amount': null
  'wallet-pay-out-of': { amount: string }
  'wallet-pay-out-no-amount': { example: string }
  'wallet-pay-out-too-much': { amount: string }
  'wallet-pay-out-arrives': { bank: string }
  'wallet-pay-out-left': null
  'wallet-pay-out-looks': null
  'wallet-pay-out-line': null
  'wallet-pay-out-do': { amount: string }
  'wallet-pay-out-do-none': null
  'wallet-pay-out-offline': null
  'wallet-pay-out-lost': { amount: string }
  'wallet-pay-out-done': { amount: string }
  'wallet-pay-out-done-body': { bank: string }
  'wallet-pay-out-nothing': null
  'wallet-refused-no_route': { currency: string }
  'wallet-refused-below_minimum': { currency: string }
  'wallet-refused-identity_unverified': null
  'wallet-refused-identity': null
}
