"""What a boot image holds, and what GRUB offers of it."""
