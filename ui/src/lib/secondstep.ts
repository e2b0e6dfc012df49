/** Whether an error is about the second step, which then has to be shown. */

import type { AppError } from '../contract.gen'
import { errorWords } from './words'

/** What is said beside the code: nothing where it was not asked for before. `null` where the error is about something else. */
export function secondStepError(error: AppError): string | null {
  if (error.code === 'invalid' && error.field === 'code') return error.reason === 'two_step_required' ? '' : errorWords(error)
  if (error.code === 'refused' && error.reason === 'too_many_tries') return errorWords(error)
  return null
}
