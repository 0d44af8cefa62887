/*
 * The data of the power API: constants, enumerations and structures with the published names,
 * values and layouts. They travel between the library and the daemon as they lie in memory.
 *
 * Texts end with a NUL. A structure that ends with an array of no size is given with room behind
 * it; the function that fills it says how it learns how much.
 */
#ifndef PWRAPI_PWRDATA_H
#define PWRAPI_PWRDATA_H

#include <stdint.h>
#include <sys/types.h>

/* Sizes of texts and arrays. */
#define PWR_MAX_ELEMENT_NAME_LEN 32
#define PWR_MAX_NAME_LEN 128
#define PWR_MAX_VALUE_LEN 32
#define PWR_MAX_STRING_LEN 1000 /* a keyword of PWR_PROC_QueryProcs(), with its NUL */
#define PWR_MAX_TIME_LEN 32
#define PWR_MAX_CPU_LIST_LEN 248
#define PWR_MAX_NUMA_NODE_NUM 128
#define PWR_MAX_GOV_NUM 16
#define PWR_MAX_GOV_ATTR_NUM 20
#define PWR_MAX_IDLE_GOV_NUM 8
#define PWR_MAX_CPU_CSTATE_NUM 10
#define PWR_MAX_CPUFREQ_POLICY_NUM 4096
#define PWR_MAX_DISK_LIST_LEN 128
#define PWR_MAX_PROC_NUM 5000 /* of one request */
#define PWR_INIT_RESERVED_LEN 32

/* Bounds of values. */
#define PWR_MIN_DC_INTERVAL 1000 /* milliseconds */
#define PWR_MAX_DC_INTERVAL 100000000
#define PWR_MAX_CPU_DMA_LATENCY 2000000000 /* microseconds */
#define PWR_MAX_WATT_SCALE_INTERVAL 3600000 /* milliseconds */

/* States. */
#define PWR_TRUE 1
#define PWR_FALSE 0
#define PWR_ENABLE 1
#define PWR_DISABLE 0
#define PWR_SERVICE_START 1
#define PWR_SERVICE_STOP 0

/* Published with the others; nothing here depends on them. */
#define PWR_MAX_LOG_LEN 4000
#define PWR_MAX_ARRRIBUTES 11
#define PWR_CPU_USAGE_COLUMN 8
#define PWR_CPUS_WIDTH 6
#define PWR_LATENCY 500000
#define PWR_CPU_IDLE_COLUMN 4
#define PWR_DECIMAL 10
#define PWR_CONVERSION 1000
#define PWR_MAX_CPU_ID_WIDTH 5
#define PWR_ONE_HUNDRED 100
#define PWR_ONE_THOUSAND 1000
#define PWR_STATE_LEN 4

/* ---- events and data that arrive by themselves ---- */

typedef enum PWR_COM_COL_DATATYPE {
	PWR_COM_DATATYPE_CPU_PERF = 1, /* PWR_CPU_PerfData */
	PWR_COM_DATATYPE_CPU_USAGE = 2, /* PWR_CPU_Usage */
	PWR_COM_DATATYPE_INVALIDE = 3,
} PWR_COM_COL_DATATYPE;

typedef struct PWR_COM_CallbackData {
	char ctime[PWR_MAX_TIME_LEN];
	PWR_COM_COL_DATATYPE dataType;
	int dataLen; /* bytes of data */
	char data[0];
} PWR_COM_CallbackData;

typedef struct PWR_COM_BasicDcTaskInfo {
	PWR_COM_COL_DATATYPE dataType;
	int interval; /* milliseconds */
} PWR_COM_BasicDcTaskInfo;

typedef enum PWR_COM_EVT_TYPE {
	PWR_COM_EVTTYPE_CPUFREQ_GOV_CHANGED = 1, /* by whomever; info: "performance: policy0" */
	PWR_COM_EVTTYPE_AUTH_REQUESTED = 2, /* somebody asks for the control that it has */
	PWR_COM_EVTTYPE_AUTH_RELEASED = 3, /* control was taken from this program */
	PWR_COM_EVTTYPE_CRED_FAILED = 4, /* not let in */
} PWR_COM_EVT_TYPE;

typedef struct PWR_COM_EventInfo {
	char ctime[PWR_MAX_TIME_LEN];
	PWR_COM_EVT_TYPE eventType;
	int infoLen; /* bytes of info */
	char info[0];
} PWR_COM_EventInfo;

typedef struct PWR_COM_Attr {
	char key[PWR_MAX_ELEMENT_NAME_LEN];
	char value[PWR_MAX_VALUE_LEN];
} PWR_COM_Attr;

/* ---- the machine ---- */

enum PWR_SYS_POWER_STATE {
	PWR_MEM = 1, /* sleep, with the memory awake */
	PWR_DISK = 2, /* hibernate */
};

typedef struct PWR_SYS_PowerInfo { /* watts */
	int sysPower;
	int cpuPower;
	int memPower;
} PWR_SYS_PowerInfo;

typedef struct PWR_SYS_StatisticPowerInfo {
	int maxSysPower; /* watts */
	int avgSysPower; /* watts */
	double totalEnergy; /* joules */
	char maxSysPowerTime[PWR_MAX_TIME_LEN];
	char startTime[PWR_MAX_TIME_LEN];
} PWR_SYS_StatisticPowerInfo;

/* ---- processors ---- */

typedef struct PWR_CPU_NumaInfo {
	int nodeNo;
	char cpuList[PWR_MAX_CPU_LIST_LEN];
} PWR_CPU_NumaInfo;

typedef struct PWR_CPU_Info {
	char arch[PWR_MAX_ELEMENT_NAME_LEN];
	char modelName[PWR_MAX_NAME_LEN];
	int byteOrder;
	int coreNum;
	char onlineList[PWR_MAX_CPU_LIST_LEN];
	int threadsPerCore;
	int coresperSocket;
	double maxFreq; /* MHz */
	double minFreq;
	int numaNum;
	PWR_CPU_NumaInfo numa[PWR_MAX_NUMA_NODE_NUM];
} PWR_CPU_Info;

typedef struct PWR_CPU_CoreUsage {
	int coreNo;
	double usage; /* 0 to 1 */
} PWR_CPU_CoreUsage;

typedef struct PWR_CPU_Usage {
	double avgUsage; /* 0 to 1 */
	int coreNum;
	PWR_CPU_CoreUsage coreUsage[0];
} PWR_CPU_Usage;

typedef struct PWR_CPU_PerfData {
	double ipc; /* instructions per cycle */
	double llcMiss; /* misses of the last cache per reference to it */
} PWR_CPU_PerfData;

/* Domains of frequency are texts of freqDomainStep bytes each, one after the other. */
typedef struct PWR_CPU_FreqAbility {
	char curDriver[PWR_MAX_ELEMENT_NAME_LEN];
	int avGovNum;
	char avGovList[PWR_MAX_GOV_NUM][PWR_MAX_ELEMENT_NAME_LEN];
	int freqDomainNum;
	int freqDomainStep;
	char freqDomain[0];
} PWR_CPU_FreqAbility;

typedef struct PWR_CPU_FreqGovAttr {
	char gov[PWR_MAX_ELEMENT_NAME_LEN];
	PWR_COM_Attr attr;
} PWR_CPU_FreqGovAttr;

typedef struct PWR_CPU_FreqGovAttrs {
	char gov[PWR_MAX_ELEMENT_NAME_LEN];
	PWR_COM_Attr attrs[PWR_MAX_GOV_ATTR_NUM];
	uint32_t attrNum;
} PWR_CPU_FreqGovAttrs;

typedef struct PWR_CPU_FreqRange { /* MHz */
	int minFreq;
	int maxFreq;
} PWR_CPU_FreqRange;

typedef struct PWR_CPU_CurFreq {
	int policyId;
	double curFreq; /* MHz */
} PWR_CPU_CurFreq;

typedef struct PWR_CPU_Cstate {
	int id;
	int disable;
	uint32_t latency; /* microseconds */
	char name[PWR_MAX_ELEMENT_NAME_LEN];
} PWR_CPU_Cstate;

typedef struct PWR_CPU_IdleInfo {
	char currDrv[PWR_MAX_ELEMENT_NAME_LEN];
	char currGov[PWR_MAX_ELEMENT_NAME_LEN];
	char avGovs[PWR_MAX_IDLE_GOV_NUM][PWR_MAX_ELEMENT_NAME_LEN];
	uint32_t cstateNum;
	PWR_CPU_Cstate cstates[0];
} PWR_CPU_IdleInfo;

/* ---- network, disks, USB ---- */

typedef struct PWR_NET_Eth {
	char ethName[PWR_MAX_ELEMENT_NAME_LEN];
	int ethMaxSpeed; /* Mbit/s */
	int ethCurSpeed;
} PWR_NET_Eth;

typedef struct PWR_NET_Info {
	int ethNum;
	PWR_NET_Eth eth[];
} PWR_NET_Info;

typedef struct PWR_NET_Through {
	double rx;
	double tx;
} PWR_NET_Through;

typedef struct PWR_DISK_Info {
	char diskId[PWR_MAX_ELEMENT_NAME_LEN];
} PWR_DISK_Info;

typedef struct PWR_DISK_Load {
	char diskId[PWR_MAX_ELEMENT_NAME_LEN];
	uint32_t rLoad;
	uint32_t wLoad;
} PWR_DISK_Load;

typedef struct PWR_DISK_PwrLevel {
	char diskId[PWR_MAX_ELEMENT_NAME_LEN];
	uint16_t powerLevel;
	uint16_t spindownLevel;
} PWR_DISK_PwrLevel;

typedef struct PWR_DISK_ScsiPolicy {
	char scsiId[PWR_MAX_ELEMENT_NAME_LEN];
	int alpm;
} PWR_DISK_ScsiPolicy;

typedef struct PWR_USB_AutoSuspend {
	char usbId[PWR_MAX_ELEMENT_NAME_LEN];
	int control;
	int autoSuspendDelay;
	int wakeup;
} PWR_USB_AutoSuspend;

/* ---- processes ---- */

typedef enum PWR_PROC_SMART_GRID_LEVEL {
	PWR_PROC_SG_LEVEL_0 = 0, /* important */
	PWR_PROC_SG_LEVEL_1 = 1,
} PWR_PROC_SMART_GRID_LEVEL;

typedef enum PWR_PROC_SERVICE_NAME {
	PWR_PROC_SERVICE_INVALIDE = 0,
	PWR_PROC_SERVICE_MPCTOOL = 1,
	PWR_PROC_SERVICE_EAGLE = 2,
} PWR_PROC_SERVICE_NAME;

typedef enum PWR_PROC_SERVICE_STATUS {
	PWR_PROC_SRV_ST_INACTIVE = 0,
	PWR_PROC_SRV_ST_ACTIVATING = 1,
	PWR_PROC_SRV_ST_RUNNING = 2,
	PWR_PROC_SRV_ST_EXITED = 3,
	PWR_PROC_SRV_ST_WAITING = 4,
	PWR_PROC_SRV_ST_FAILED = 5,
	PWR_PROC_SRV_ST_UNKNOWN = 99,
} PWR_PROC_SERVICE_STATUS;

typedef struct PWR_PROC_WattAttrs {
	int scaleThreshold; /* percent */
	int domainMask;
	int scaleInterval; /* milliseconds */
	char reserved[PWR_INIT_RESERVED_LEN];
} PWR_PROC_WattAttrs;

typedef struct PWR_PROC_SmartGridProcs {
	PWR_PROC_SMART_GRID_LEVEL level;
	int procNum;
	pid_t procs[0];
} PWR_PROC_SmartGridProcs;

typedef struct PWR_PROC_SmartGridGov {
	int sgAgentState;
	char sgLevel0Gov[PWR_MAX_ELEMENT_NAME_LEN];
	char sgLevel1Gov[PWR_MAX_ELEMENT_NAME_LEN];
} PWR_PROC_SmartGridGov;

typedef struct PWR_PROC_ServiceStatus {
	PWR_PROC_SERVICE_NAME name;
	PWR_PROC_SERVICE_STATUS status;
} PWR_PROC_ServiceStatus;

typedef struct PWR_PROC_ServiceState {
	PWR_PROC_SERVICE_NAME name;
	int state; /* PWR_SERVICE_START or PWR_SERVICE_STOP */
} PWR_PROC_ServiceState;

/* ---- high-bandwidth memory ---- */

typedef enum PWR_HBM_SYS_STATE {
	PWR_HBM_NOT_SUPPORT = 0,
	PWR_HBM_FLAT_MOD = 1,
	PWR_HBM_CACHE_MOD = 2,
	PWR_HBM_HYBRID_MOD = 3,
} PWR_HBM_SYS_STATE;

#endif
