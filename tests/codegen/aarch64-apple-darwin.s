; rustc 1.95.0 (59807616e 2026-04-14)

uc_array:
	mov w8, #1
	str w8, [x0, #16] ; asm
	add x8, x0, #4
	mov w9, #2
	str w9, [x8, #16] ; asm
	add x8, x0, #8
	mov w9, #3
	str w9, [x8, #16] ; asm
	add x8, x0, #12
	mov w9, #4
	str w9, [x8, #16] ; asm
	add x8, x0, #16
	mov w9, #5
	str w9, [x8, #16] ; asm
	add x8, x0, #20
	mov w9, #6
	str w9, [x8, #16] ; asm
	add x8, x0, #24
	mov w9, #7
	str w9, [x8, #16] ; asm
	add x8, x0, #28
	mov w9, #8
	str w9, [x8, #16] ; asm
	add x8, x0, #32
	mov w9, #9
	str w9, [x8, #16] ; asm
	add x8, x0, #36
	mov w9, #10
	str w9, [x8, #16] ; asm
	add x8, x0, #40
	mov w9, #11
	str w9, [x8, #16] ; asm
	add x8, x0, #44
	mov w9, #12
	str w9, [x8, #16] ; asm
	add x8, x0, #48
	mov w9, #13
	str w9, [x8, #16] ; asm
	add x8, x0, #52
	mov w9, #14
	str w9, [x8, #16] ; asm
	add x8, x0, #56
	mov w9, #15
	str w9, [x8, #16] ; asm
	add x8, x0, #60
	mov w9, #16
	str w9, [x8, #16] ; asm
	ret

raw_array:
	mov w8, #1
	str w8, [x0, #16]
	mov w8, #2
	str w8, [x0, #20]
	mov w8, #3
	str w8, [x0, #24]
	mov w8, #4
	str w8, [x0, #28]
	mov w8, #5
	str w8, [x0, #32]
	mov w8, #6
	str w8, [x0, #36]
	mov w8, #7
	str w8, [x0, #40]
	mov w8, #8
	str w8, [x0, #44]
	mov w8, #9
	str w8, [x0, #48]
	mov w8, #10
	str w8, [x0, #52]
	mov w8, #11
	str w8, [x0, #56]
	mov w8, #12
	str w8, [x0, #60]
	mov w8, #13
	str w8, [x0, #64]
	mov w8, #14
	str w8, [x0, #68]
	mov w8, #15
	str w8, [x0, #72]
	mov w8, #16
	str w8, [x0, #76]
	ret

uc_array_from:
	mov w8, #16
	cmp x2, #16
	csel x8, x2, x8, lo
	cbz x2, .L0
.L1:
	ldr w9, [x1], #4
	str w9, [x0, #16] ; asm
	add x0, x0, #4
	subs x8, x8, #1
	b.ne .L1
.L0:
	ret

raw_array_from:
	mov w8, #16
	cmp x2, #16
	csel x8, x2, x8, lo
	cbz x2, .L0
	add x9, x0, #16
.L1:
	ldr w10, [x1], #4
	str w10, [x9], #4
	subs x8, x8, #1
	b.ne .L1
.L0:
	ret

uc_copy_in:
	sub sp, sp, #80
	stp x20, x19, [sp, #48]
	stp x29, x30, [sp, #64]
	add x29, sp, #64
	mov x9, x2
	mov x19, x8
	ldr x2, [x0, #8]
	cmp x2, x9
	b.ne .L0
	lsl x3, x9, #3
	ldrb w8, [x0, #16]
	ldr x2, [x0]
	cmp w8, #2
	b.hs .L1
	mov w0, #4
	bl _ZN8iokit_uc6memory6shared4bulk11write_wordsE
	b .L2
.L1:
	cbz x9, .L2
	cmp x9, #1
	b.ne .L3
	sub x8, x3, #8
	ldr x9, [x1] ; asm
	str x9, [x2] ; asm
	add x9, x1, x8
	add x8, x2, x8
	ldr x10, [x9] ; asm
	str x10, [x8] ; asm
	b .L2
.L3:
	sub x8, x3, #16
	cmp x8, #17
	b.hs .L4
	ldr q0, [x1] ; asm
	str q0, [x2] ; asm
	add x9, x1, x8
	add x8, x2, x8
	ldr q0, [x9] ; asm
	str q0, [x8] ; asm
	b .L2
.L4:
	ands x11, x3, #0x7fffffffffffffc0
	b.eq .L5
	add x10, x2, x11
	mov x12, x1
	mov x13, x2
.L6:
	ldp q0, q1, [x12] ; asm
	ldp q2, q3, [x12, #32] ; asm
	add x12, x12, #64 ; asm
	stp q0, q1, [x13] ; asm
	stp q2, q3, [x13, #32] ; asm
	add x13, x13, #64 ; asm
	cmp x13, x10 ; asm
	b.ne .L6 ; asm
.L5:
	cmp x11, x3
	b.eq .L2
	subs x10, x8, x11
	b.ls .L7
	and x9, x9, #0x1
	add x9, x9, x10, lsr #4
	add x10, x2, x11
	add x11, x1, x11
.L8:
	ldr q0, [x11] ; asm
	str q0, [x10] ; asm
	add x10, x10, #16
	add x11, x11, #16
	subs x9, x9, #1
	b.ne .L8
.L7:
	add x9, x1, x8
	add x8, x2, x8
	ldr q0, [x9] ; asm
	str q0, [x8] ; asm
.L2:
	mov w8, #6
	str w8, [x19]
.L9:
	ldp x29, x30, [sp, #64]
	ldp x20, x19, [sp, #48]
	add sp, sp, #80
	ret
.L0:
	adrp x0, data
	add x0, x0, data
	add x8, sp, #8
	mov w1, #31
	mov x3, x9
	bl _ZN8iokit_uc6memory6shared5error17different_lengthsE
	ldur q0, [sp, #8]
	ldur q1, [sp, #24]
	stp q0, q1, [x19]
	ldr x8, [sp, #40]
	str x8, [x19, #32]
	b .L9

raw_copy_in:
	cbz x2, .L0
	lsl x8, x2, #3
.L1:
	ldr x9, [x1], #8
	str x9, [x0], #8
	subs x8, x8, #8
	b.ne .L1
.L0:
	ret

uc_copy_out:
	sub sp, sp, #80
	stp x20, x19, [sp, #48]
	stp x29, x30, [sp, #64]
	add x29, sp, #64
	mov x9, x2
	mov x19, x8
	ldr x2, [x0, #8]
	cmp x2, x9
	b.ne .L0
	mov x10, x1
	lsl x3, x9, #3
	ldrb w8, [x0, #16]
	ldr x1, [x0]
	cmp w8, #2
	b.hs .L1
	mov w0, #4
	mov x2, x10
	bl _ZN8iokit_uc6memory6shared4bulk10read_wordsE
	b .L2
.L1:
	cbz x9, .L2
	cmp x9, #1
	b.ne .L3
	sub x8, x3, #8
	ldr x9, [x1] ; asm
	str x9, [x10] ; asm
	add x9, x1, x8
	add x8, x10, x8
	ldr x10, [x9] ; asm
	str x10, [x8] ; asm
	b .L2
.L3:
	sub x8, x3, #16
	cmp x8, #17
	b.hs .L4
	ldr q0, [x1] ; asm
	str q0, [x10] ; asm
	add x9, x1, x8
	add x8, x10, x8
	ldr q0, [x9] ; asm
	str q0, [x8] ; asm
	b .L2
.L4:
	ands x12, x3, #0x7fffffffffffffc0
	b.eq .L5
	add x11, x10, x12
	mov x13, x1
	mov x14, x10
.L6:
	ldp q0, q1, [x13] ; asm
	ldp q2, q3, [x13, #32] ; asm
	add x13, x13, #64 ; asm
	stp q0, q1, [x14] ; asm
	stp q2, q3, [x14, #32] ; asm
	add x14, x14, #64 ; asm
	cmp x14, x11 ; asm
	b.ne .L6 ; asm
.L5:
	cmp x12, x3
	b.eq .L2
	subs x11, x8, x12
	b.ls .L7
	and x9, x9, #0x1
	add x9, x9, x11, lsr #4
	add x11, x10, x12
	add x12, x1, x12
.L8:
	ldr q0, [x12] ; asm
	str q0, [x11] ; asm
	add x11, x11, #16
	add x12, x12, #16
	subs x9, x9, #1
	b.ne .L8
.L7:
	add x9, x1, x8
	add x8, x10, x8
	ldr q0, [x9] ; asm
	str q0, [x8] ; asm
.L2:
	mov w8, #6
	str w8, [x19]
.L9:
	ldp x29, x30, [sp, #64]
	ldp x20, x19, [sp, #48]
	add sp, sp, #80
	ret
.L0:
	adrp x0, data
	add x0, x0, data
	add x8, sp, #8
	mov w1, #26
	mov x3, x9
	bl _ZN8iokit_uc6memory6shared5error17different_lengthsE
	ldur q0, [sp, #8]
	ldur q1, [sp, #24]
	stp q0, q1, [x19]
	ldr x8, [sp, #40]
	str x8, [x19, #32]
	b .L9

raw_copy_out:
	cbz x2, .L0
	lsl x8, x2, #3
.L1:
	ldr x9, [x0], #8
	str x9, [x1], #8
	subs x8, x8, #8
	b.ne .L1
.L0:
	ret

uc_fill:
	ldrb w10, [x0, #16]
	ldp x8, x9, [x0]
	cmp w10, #1
	b.hi .L0
	cbz x9, .L1
.L2:
	str x1, [x8] ; asm
	add x8, x8, #8
	subs x9, x9, #1
	b.ne .L2
	b .L1
.L0:
	lsl x11, x9, #3
	cbz x11, .L1
	cmp x11, #8
	b.ne .L3
	str x1, [x8] ; asm
	str x1, [x8] ; asm
	ret
.L3:
	sub x10, x11, #16
	cmp x10, #17
	b.hs .L4
	stp x1, x1, [x8] ; asm
	add x8, x8, x11
	sub x8, x8, #16
	stp x1, x1, [x8] ; asm
	ret
.L4:
	ands x12, x11, #0xffffffffffffffc0
	b.eq .L5
	add x13, x8, x12
	mov x14, x8
	dup.2d v0, x1 ; asm
.L6:
	stp q0, q0, [x14] ; asm
	stp q0, q0, [x14, #32] ; asm
	add x14, x14, #64 ; asm
	cmp x14, x13 ; asm
	b.ne .L6 ; asm
.L5:
	cmp x12, x11
	b.ne .L7
.L1:
	ret
.L7:
	subs x11, x10, x12
	b.ls .L8
	and x9, x9, #0x1
	add x9, x9, x11, lsr #4
	add x11, x8, x12
.L9:
	stp x1, x1, [x11] ; asm
	add x11, x11, #16
	subs x9, x9, #1
	b.ne .L9
.L8:
	add x8, x8, x10
	stp x1, x1, [x8] ; asm
	ret

raw_fill:
	cbz x1, .L0
.L1:
	str x2, [x0], #8
	subs x1, x1, #1
	b.ne .L1
.L0:
	ret

uc_index:
	cmp x1, #15
	b.hi .L0
	add x8, x0, x1, lsl #2
	ldr w1, [x8, #16] ; asm
	mov w0, #1
	ret
.L0:
	mov w0, #0
	ret

raw_index:
	cmp x1, #15
	b.ls .L0
	mov w0, #0
	ret
.L0:
	add x8, x0, x1, lsl #2
	ldr w1, [x8, #16]
	mov w0, #1
	ret

uc_modify:
	ldr w8, [x0, #8] ; asm
	orr w8, w8, #0x10
	str w8, [x0, #8] ; asm
	ret

raw_modify:
	ldr w8, [x0, #8]
	orr w8, w8, #0x10
	str w8, [x0, #8]
	ret

uc_modify_far:
	mov w8, #32848
	ldr x9, [x0, x8] ; asm
	add x9, x9, #1
	str x9, [x0, x8] ; asm
	ret

raw_modify_far:
	mov w8, #32848
	ldr x9, [x0, x8]
	add x9, x9, #1
	str x9, [x0, x8]
	ret

uc_poll:
	mov x8, x0
	mov w0, #-1
.L0:
	ldr w9, [x8, #4] ; asm
	add w0, w0, #1
	tbnz w9, #0, .L0
	ret

raw_poll:
	mov x8, x0
	mov w0, #-1
.L0:
	ldr w9, [x8, #4]
	add w0, w0, #1
	tbnz w9, #0, .L0
	ret

uc_read:
	ldr w0, [x0, #4] ; asm
	ret

raw_read:
	ldr w0, [x0, #4]
	ret

uc_read_with_effect:
	ldrb w0, [x0] ; asm
	ret

raw_read_with_effect:
	ldrb w0, [x0]
	ret

uc_write:
	strh w1, [x0, #12] ; asm
	ret

raw_write:
	strh w1, [x0, #12]
	ret

uc_write_zero:
	mov w8, #0
	strh w8, [x0, #12] ; asm
	ret

raw_write_zero:
	strh wzr, [x0, #12]
	ret
