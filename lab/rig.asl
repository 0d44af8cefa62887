/*
 * A machine with something to say about power, for the kernel's own drivers: frequencies
 * (acpi-cpufreq, a policy for each processor), idle states, a thermal zone with a fan, and a power
 * meter that can be capped. The registers are ports and memory that hold what was written to them
 * (lab/run --rig), so everything here is what these methods compute from what the kernel has asked
 * for. Nobody measures a watt.
 *
 * Ports 0xE0 and 0xE1: the state that processor 0 and 1 were told to take, 0 the fastest. Memory at
 * 0xFF000000: the fan, the cap in milliwatts, the temperature in tenths of a kelvin (0: 45 degrees).
 */
DefinitionBlock ("", "SSDT", 2, "LEONHD", "POWERRIG", 1)
{
	External (\_SB.CPUS.C000, DeviceObj)
	External (\_SB.CPUS.C001, DeviceObj)

	Scope (\_SB)
	{
		OperationRegion (PORT, SystemIO, 0xE0, 2)
		Field (PORT, ByteAcc, NoLock, Preserve) { ST00, 8, ST01, 8 }
		OperationRegion (RAM0, SystemMemory, 0xFF000000, 0x10)
		Field (RAM0, DWordAcc, NoLock, Preserve) { FANS, 32, CAPW, 32, TEMP, 32 }

		/* MHz, mW, us, us, control, status */
		Name (PSS0, Package ()
		{
			Package () { 3000, 95000, 10, 10, 0, 0 },
			Package () { 2400, 65000, 10, 10, 1, 1 },
			Package () { 1800, 42000, 10, 10, 2, 2 },
			Package () { 1200, 27000, 10, 10, 3, 3 }
		})

		/* What a processor draws in the state it was told to take. */
		Method (DRAW, 1, Serialized)
		{
			Local0 = Arg0
			If (Local0 > 3) { Local0 = 3 }
			Return (DerefOf (Index (DerefOf (Index (PSS0, Local0)), 1)))
		}
	}

	Scope (\_SB.CPUS.C000)
	{
		Name (_PCT, Package ()
		{
			ResourceTemplate () { Register (SystemIO, 8, 0, 0xE0) },
			ResourceTemplate () { Register (SystemIO, 8, 0, 0xE0) }
		})
		Method (_PSS) { Return (\_SB.PSS0) }
		Method (_PPC) { Return (0) }
		Name (_PSD, Package () { Package () { 5, 0, 0, 0xFC, 1 } })
		Name (_CST, Package ()
		{
			2,
			Package () { ResourceTemplate () { Register (FFixedHW, 0, 0, 0) }, 1, 2, 1000 },
			Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0xE4) }, 2, 80, 300 }
		})
	}

	Scope (\_SB.CPUS.C001)
	{
		Name (_PCT, Package ()
		{
			ResourceTemplate () { Register (SystemIO, 8, 0, 0xE1) },
			ResourceTemplate () { Register (SystemIO, 8, 0, 0xE1) }
		})
		Method (_PSS) { Return (\_SB.PSS0) }
		Method (_PPC) { Return (0) }
		Name (_PSD, Package () { Package () { 5, 0, 1, 0xFC, 1 } })
		Name (_CST, Package ()
		{
			2,
			Package () { ResourceTemplate () { Register (FFixedHW, 0, 0, 0) }, 1, 2, 1000 },
			Package () { ResourceTemplate () { Register (SystemIO, 8, 0, 0xE4) }, 2, 80, 300 }
		})
	}

	Scope (\_SB)
	{
		Device (PMT0)
		{
			Name (_HID, "ACPI000D")
			Name (_UID, 0)
			/* measures and caps; mW, of input; accuracy, sampling, intervals; hysteresis, caps */
			Name (_PMC, Package ()
			{
				5, 0, 0, 100000, 1000, 1000, 60000,
				0xFFFFFFFF, 1, 40000, 250000, "rig", "0", "board"
			})
			Method (_PMM, 0, Serialized) { Return (\_SB.DRAW (\_SB.ST00) + \_SB.DRAW (\_SB.ST01)) }
			Method (_GHL, 0, Serialized)
			{
				If (\_SB.CAPW == 0) { Return (250000) }
				Return (\_SB.CAPW)
			}
			Method (_SHL, 1, Serialized)
			{
				\_SB.CAPW = Arg0
				Return (0)
			}
			Method (_GAI) { Return (1000) }
			Method (_PAI, 1) { Return (0) }
			Method (_PTP, 2) { Return (0) }
			Name (_PMD, Package () { \_SB })
		}

		PowerResource (FNP0, 0, 0)
		{
			Method (_STA, 0, Serialized) { Return (\_SB.FANS) }
			Method (_ON, 0, Serialized) { \_SB.FANS = 1 }
			Method (_OFF, 0, Serialized) { \_SB.FANS = 0 }
		}
		Device (FAN0)
		{
			Name (_HID, EISAID ("PNP0C0B"))
			Name (_PR0, Package () { FNP0 })
		}
	}

	Scope (\_TZ)
	{
		ThermalZone (TZ00)
		{
			Method (_TMP, 0, Serialized)
			{
				If (\_SB.TEMP == 0) { Return (3182) }
				Return (\_SB.TEMP)
			}
			Name (_AC0, 3332)
			Name (_AL0, Package () { \_SB.FAN0 })
			Name (_CRT, 3732)
			Name (_TZP, 20)
		}
	}
}
