/*
 * What a function of the power API returns: the published codes, and one of our own.
 *
 * 0 is success. Whoever compares with a code compares with its name: some are spelled as they were
 * published.
 */
#ifndef PWRAPI_PWRERR_H
#define PWRAPI_PWRERR_H

enum PWR_RtnCode {
	PWR_SUCCESS = 0,

	PWR_ERR_COMMON = 1, /* none of the others says it better */
	PWR_ERR_TIMEOUT = 2, /* no reply within 30 seconds */
	PWR_ERR_SYS_EXCEPTION = 3, /* no memory, no thread; in the daemon: the system refused */
	PWR_ERR_NULL_POINTER = 4,
	PWR_ERR_INPUT_OVERSIZE = 5, /* more than a request carries */
	PWR_ERR_INVALIDE_PARAM = 6,
	PWR_ERR_INVALIDE_DATATYPE = 7,
	PWR_ERR_POLICY_INVALIDE = 8, /* there is no such policy of cpufreq */
	PWR_ERR_GOVERNOR_INVALIDE = 9, /* there is no such governor, or not now */
	PWR_ERR_FREQ_NOT_IN_RANGE = 10,
	PWR_ERR_CALLBACK_FUNCTION_SHOULD_BE_SET_FIRST = 11,
	PWR_ERR_MODIFY_BAN_UPDATE_ATTR_CURRENTLY = 12,
	PWR_ERR_PATH_NORMALIZE = 13,
	PWR_ERR_PATH_VERIFY = 14, /* the folder cannot be written to */
	PWR_ERR_NOT_SUPPORT_CPUIDLE = 15,
	PWR_ERR_GOVERNOR_INACTIVE = 16, /* another governor is at work */
	PWR_ERR_ATTR_NOT_EXISTS = 17,
	PWR_ERR_MSG_BUFFER_FULL = 18,
	PWR_ERR_CPU_OFFLINE = 19,

	PWR_ERR_NOT_REGISTED = 100, /* PWR_Register() comes first */
	PWR_ERR_NOT_AUTHED = 101, /* this needs control: PWR_RequestControlAuth() */
	PWR_ERR_OVER_MAX_CONNECTION = 102,
	PWR_ERR_WATT_SCHED_NOT_SURPPORTED = 103,
	PWR_ERR_WATT_SCHED_NEVER_ENABLED = 104,
	PWR_ERR_SMART_GRID_NOT_SURPPORTED = 105,
	PWR_ERR_SMART_GRID_GOV_DISABLED = 106,
	PWR_ERR_SERVICE_UNABLE = 107,
	PWR_ERR_SERVICE_NOT_EXIST = 108,
	PWR_ERR_WATT_NOT_SUPPORT_SET_DOMAIN = 109,
	PWR_ERR_WATT_NEED_DISABLE_TO_SET_DOMAIN = 110,

	PWR_ERR_DISCONNECTED = 300, /* the daemon is not there; the library keeps trying */
	PWR_ERR_WRONG_RESPONSE_FROM_SERVER = 301,
	PWR_ERR_ANSWER_LONGER_THAN_SIZE = 302, /* a text was cut */

	PWR_ERR_CREATE_TASK_FAILED = 400,
	PWR_ERR_TASK_NOT_EXISTS = 401,
	PWR_ERR_OVER_MAX_TASK_NUM = 402,
	PWR_ERR_CONTROL_AUTH_REQUESTED = 403, /* this program has it already */
	PWR_ERR_CONTROL_AUTH_OWNERED_BY_OTHERS = 404,
	PWR_ERR_CONTROL_AUTH_NO_PERMISSION = 405,
	PWR_ERR_NOT_SUPPORT_TASK_TYPE = 406,
	PWR_ERR_NO_PROCS_BY_KEYWORD = 407,

	PWR_ERR_FILE_ACCESS_FAILED = 500,
	PWR_ERR_FILE_FPRINT_FAILED = 501,
	PWR_ERR_FILE_FFLUSH_FAILED = 502,
	PWR_ERR_FILE_OPEN_FAILED = 503,
	PWR_ERR_FILE_SPRINTF_FAILED = 504,

	PWR_ERR_HBM_NOT_SUPPORTED = 600,

	PWR_ERR_NOT_SUPPORTED = 800, /* not published: this machine does not have it */
};

#endif
