package mesibo

import (
	"runtime"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/netinfo"
)

// GetNetworkConnectivity tells what kind of network this machine has now (mesibo-api 1.6): ConnectivityWifi for a radio of
// this place or a cable, ConnectivityDisconnected when only the loopback is there, ConnectivityUnknown for what cannot be
// known: a mobile network's generation, or what lies under a tunnel. It does not tell whether the server can be reached; see
// GetConnectionStatus.
func (m *Mesibo) GetNetworkConnectivity() Connectivity { return Connectivity(netinfo.Current()) }

// GetTimestamp gives the current time of this machine: ms since the Unix epoch (mesibo-api 1.6).
func (m *Mesibo) GetTimestamp() uint64 { return now() }

// GetUpTime gives the moment at which New made this instance: ms since the Unix epoch (mesibo-api 1.6). Its name suggests a
// time elapsed, but the reference's own documentation says the moment, and its headers call it getStartTimestamp (Appendix A);
// GetTimestamp minus GetUpTime is the time elapsed.
func (m *Mesibo) GetUpTime() uint64 { return uint64(m.started.UnixMilli()) }

// GetConnectedTime gives the moment of the last successful connection: ms since the Unix epoch, 0 when there was none (mesibo-api 1.6).
func (m *Mesibo) GetConnectedTime() uint64 { return uint64(m.online.Load()) }

// IsOnline tells whether the connection status is StatusOnline (mesibo-api 1.1, version 2).
func (m *Mesibo) IsOnline() bool { return m.GetConnectionStatus() == StatusOnline }

// SetUIThread says how to find out whether the caller runs on the thread that may draw, for IsUiThread; nil for none. Only the
// application knows its window system. It is an addition to the reference.
func (m *Mesibo) SetUIThread(isUI func() bool) { m.uiThread.Store(&isUI) }

// IsUiThread tells whether the caller runs on the thread that may draw (mesibo-api 1.6), as the function of SetUIThread or
// Options says; false without one. Listeners of this package are never called on it.
func (m *Mesibo) IsUiThread() bool { //nolint:revive // the reference's spelling
	isUI := m.uiThread.Load()
	return isUI != nil && *isUI != nil && (*isUI)()
}

// DaysElapsed tells how many days ago a moment was, by this machine's calendar: 0 today, 1 yesterday (mesibo-api 1.6); negative for days to
// come. ts is ms since the Unix epoch.
func (m *Mesibo) DaysElapsed(ts uint64) int {
	return daysBetween(time.UnixMilli(int64(ts)), time.Now())
}

// daysBetween counts midnights, not hours: days with 23 or 25 hours count as one.
func daysBetween(from, to time.Time) int {
	date := func(t time.Time) time.Time {
		y, m, d := t.In(to.Location()).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(date(to).Sub(date(from)) / (24 * time.Hour))
}

// Version gives the version of this package (mesibo-api 1.1).
func (m *Mesibo) Version() string { return version }

// DeviceType is the kind of system a program runs on (mesibo-api 1.1). No source gives the reference's numbers; these are our
// own.
type DeviceType int

// The device types.
const (
	DeviceTypeOther   DeviceType = 0
	DeviceTypeLinux   DeviceType = 1
	DeviceTypeMacOS   DeviceType = 2
	DeviceTypeWindows DeviceType = 3
)

// GetDeviceType gives the kind of system this program runs on (mesibo-api 1.1).
func (m *Mesibo) GetDeviceType() DeviceType {
	switch runtime.GOOS {
	case "linux":
		return DeviceTypeLinux
	case "darwin":
		return DeviceTypeMacOS
	case "windows":
		return DeviceTypeWindows
	}
	return DeviceTypeOther
}
