// Package format turns values of the SDK into what several screens show: sizes, dates, reasons, ticks, thumbnails.
package format
