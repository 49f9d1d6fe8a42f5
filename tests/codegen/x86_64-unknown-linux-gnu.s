; rustc 1.95.0 (59807616e 2026-04-14)

uc_array:
	mov dword ptr [rdi + 16], 1
	mov dword ptr [rdi + 20], 2
	mov dword ptr [rdi + 24], 3
	mov dword ptr [rdi + 28], 4
	mov dword ptr [rdi + 32], 5
	mov dword ptr [rdi + 36], 6
	mov dword ptr [rdi + 40], 7
	mov dword ptr [rdi + 44], 8
	mov dword ptr [rdi + 48], 9
	mov dword ptr [rdi + 52], 10
	mov dword ptr [rdi + 56], 11
	mov dword ptr [rdi + 60], 12
	mov dword ptr [rdi + 64], 13
	mov dword ptr [rdi + 68], 14
	mov dword ptr [rdi + 72], 15
	mov dword ptr [rdi + 76], 16
	ret

raw_array:
	mov dword ptr [rdi + 16], 1
	mov dword ptr [rdi + 20], 2
	mov dword ptr [rdi + 24], 3
	mov dword ptr [rdi + 28], 4
	mov dword ptr [rdi + 32], 5
	mov dword ptr [rdi + 36], 6
	mov dword ptr [rdi + 40], 7
	mov dword ptr [rdi + 44], 8
	mov dword ptr [rdi + 48], 9
	mov dword ptr [rdi + 52], 10
	mov dword ptr [rdi + 56], 11
	mov dword ptr [rdi + 60], 12
	mov dword ptr [rdi + 64], 13
	mov dword ptr [rdi + 68], 14
	mov dword ptr [rdi + 72], 15
	mov dword ptr [rdi + 76], 16
	ret

uc_array_from:
	cmp rdx, 16
	mov ecx, 16
	cmovb rcx, rdx
	test rdx, rdx
	je .L0
	mov eax, ecx
	and eax, 3
	cmp rdx, 4
	jae .L1
	xor edx, edx
	jmp .L2
.L1:
	and ecx, 28
	xor edx, edx
.L3:
	mov r8d, dword ptr [rsi + 4*rdx]
	mov dword ptr [rdi + 4*rdx + 16], r8d
	mov r8d, dword ptr [rsi + 4*rdx + 4]
	mov dword ptr [rdi + 4*rdx + 20], r8d
	mov r8d, dword ptr [rsi + 4*rdx + 8]
	mov dword ptr [rdi + 4*rdx + 24], r8d
	mov r8d, dword ptr [rsi + 4*rdx + 12]
	mov dword ptr [rdi + 4*rdx + 28], r8d
	add rdx, 4
	cmp rcx, rdx
	jne .L3
	test rax, rax
	je .L0
.L2:
	lea rcx, [rsi + 4*rdx]
	lea rdx, [rdi + 4*rdx]
	add rdx, 16
	xor esi, esi
.L4:
	mov edi, dword ptr [rcx + 4*rsi]
	mov dword ptr [rdx + 4*rsi], edi
	inc rsi
	cmp rax, rsi
	jne .L4
.L0:
	ret

raw_array_from:
	cmp rdx, 16
	mov ecx, 16
	cmovb rcx, rdx
	test rdx, rdx
	je .L0
	mov eax, ecx
	and eax, 3
	cmp rdx, 4
	jae .L1
	xor edx, edx
	jmp .L2
.L1:
	and ecx, 28
	xor edx, edx
.L3:
	mov r8d, dword ptr [rsi + 4*rdx]
	mov dword ptr [rdi + 4*rdx + 16], r8d
	mov r8d, dword ptr [rsi + 4*rdx + 4]
	mov dword ptr [rdi + 4*rdx + 20], r8d
	mov r8d, dword ptr [rsi + 4*rdx + 8]
	mov dword ptr [rdi + 4*rdx + 24], r8d
	mov r8d, dword ptr [rsi + 4*rdx + 12]
	mov dword ptr [rdi + 4*rdx + 28], r8d
	add rdx, 4
	cmp rcx, rdx
	jne .L3
	test rax, rax
	je .L0
.L2:
	lea rcx, [rdi + 4*rdx]
	add rcx, 16
	lea rdx, [rsi + 4*rdx]
	xor esi, esi
.L4:
	mov edi, dword ptr [rdx + 4*rsi]
	mov dword ptr [rcx + 4*rsi], edi
	inc rsi
	cmp rax, rsi
	jne .L4
.L0:
	ret

uc_copy_in:
	push rbx
	sub rsp, 48
	mov r8, rcx
	mov rbx, rdi
	mov rcx, qword ptr [rsi + 8]
	cmp rcx, r8
	jne .L0
	shl r8, 3
	cmp byte ptr [rsi + 16], 2
	mov rax, qword ptr [rsi]
	jae .L1
	mov edi, 4
	mov rsi, rdx
	mov rdx, rax
	mov rcx, r8
	call qword ptr [rip + _ZN8iokit_uc6memory6shared4bulk11write_wordsE@GOTPCREL]
	jmp .L2
.L1:
	mov rdi, rdx
	mov rsi, rax
	mov rdx, r8
	call _ZN8iokit_uc4arch7machine4bulk4copyE
.L2:
	mov dword ptr [rbx], 6
	mov rax, rbx
	add rsp, 48
	pop rbx
	ret
.L0:
	lea rsi, [rip + data]
	lea rdi, [rsp + 8]
	mov edx, 31
	call qword ptr [rip + _ZN8iokit_uc6memory6shared5error17different_lengthsE@GOTPCREL]
	mov rax, qword ptr [rsp + 40]
	mov qword ptr [rbx + 32], rax
	movups xmm0, xmmword ptr [rsp + 8]
	movups xmm1, xmmword ptr [rsp + 24]
	movups xmmword ptr [rbx + 16], xmm1
	movups xmmword ptr [rbx], xmm0
	mov rax, rbx
	add rsp, 48
	pop rbx
	ret

_ZN8iokit_uc4arch7machine4bulk4copyE:
	test rdx, rdx
	je .L0
	cmp rdx, 1
	jne .L1
	mov al, byte ptr [rdi] ; asm
	mov byte ptr [rsi], al ; asm
	ret
.L1:
	mov rax, rdx
	and rax, -2
	cmp rax, 2
	jne .L2
	mov ax, word ptr [rdi] ; asm
	mov word ptr [rsi], ax ; asm
	lea rax, [rdi + rdx]
	add rax, -2
	lea rcx, [rsi + rdx]
	add rcx, -2
	mov dx, word ptr [rax] ; asm
	mov word ptr [rcx], dx ; asm
	ret
.L2:
	mov rax, rdx
	and rax, -4
	cmp rax, 4
	jne .L3
	mov eax, dword ptr [rdi] ; asm
	mov dword ptr [rsi], eax ; asm
	lea rax, [rdi + rdx]
	add rax, -4
	lea rcx, [rsi + rdx]
	add rcx, -4
	mov edx, dword ptr [rax] ; asm
	mov dword ptr [rcx], edx ; asm
	ret
.L3:
	mov rax, rdx
	and rax, -8
	cmp rax, 8
	jne .L4
	mov rax, qword ptr [rdi] ; asm
	mov qword ptr [rsi], rax ; asm
	lea rax, [rdi + rdx]
	add rax, -8
	lea rcx, [rsi + rdx]
	add rcx, -8
	mov rdx, qword ptr [rax] ; asm
	mov qword ptr [rcx], rdx ; asm
	ret
.L4:
	lea r9, [rdx - 16]
	cmp r9, 17
	jae .L5
	movups xmm0, xmmword ptr [rdi] ; asm
	movups xmmword ptr [rsi], xmm0 ; asm
	add rdi, r9
	add rsi, r9
	movups xmm0, xmmword ptr [rdi] ; asm
	movups xmmword ptr [rsi], xmm0 ; asm
	ret
.L5:
	mov rax, rdx
	and rax, -64
	je .L6
	cmp rdx, 4096
	jae .L7
	lea rcx, [rsi + rax]
	mov r8, rsi
	mov r10, rdi
.L8:
	movups xmm0, xmmword ptr [r10] ; asm
	movups xmm1, xmmword ptr [r10 + 16] ; asm
	movups xmm2, xmmword ptr [r10 + 32] ; asm
	movups xmm3, xmmword ptr [r10 + 48] ; asm
	movups xmmword ptr [r8], xmm0 ; asm
	movups xmmword ptr [r8 + 16], xmm1 ; asm
	movups xmmword ptr [r8 + 32], xmm2 ; asm
	movups xmmword ptr [r8 + 48], xmm3 ; asm
	add r10, 64 ; asm
	add r8, 64 ; asm
	cmp r8, rcx ; asm
	jne .L8 ; asm
	jmp .L6
.L7:
	mov r8, rsi
	mov rsi, rdi
	mov rcx, rax
	mov r10, rdi
	mov rdi, r8
	rep movsb byte ptr es:[rdi], byte ptr [rsi] ; asm
	mov rdi, r10
	mov rsi, r8
.L6:
	cmp rax, rdx
	jne .L9
.L0:
	ret
.L9:
	mov rcx, r9
	sub rcx, rax
	jbe .L10
	shr rcx, 4
	and edx, 15
	cmp rdx, 1
	sbb rcx, -1
	lea rdx, [rsi + rax]
	add rax, rdi
.L11:
	movups xmm0, xmmword ptr [rax] ; asm
	movups xmmword ptr [rdx], xmm0 ; asm
	add rdx, 16
	add rax, 16
	dec rcx
	jne .L11
.L10:
	add rdi, r9
	add rsi, r9
	movups xmm0, xmmword ptr [rdi] ; asm
	movups xmmword ptr [rsi], xmm0 ; asm
	ret

raw_copy_in:
	test rdx, rdx
	je .L0
	dec rdx
	movabs rcx, 2305843009213693951
	and rcx, rdx
	lea rdx, [rcx + 1]
	mov eax, edx
	and eax, 3
	cmp rcx, 3
	jae .L1
	xor ecx, ecx
	jmp .L2
.L1:
	and rdx, -4
	xor ecx, ecx
.L3:
	mov r8, qword ptr [rsi]
	mov qword ptr [rdi + 8*rcx], r8
	mov r8, qword ptr [rsi + 8]
	mov qword ptr [rdi + 8*rcx + 8], r8
	mov r8, qword ptr [rsi + 16]
	mov qword ptr [rdi + 8*rcx + 16], r8
	mov r8, qword ptr [rsi + 24]
	add rsi, 32
	mov qword ptr [rdi + 8*rcx + 24], r8
	add rcx, 4
	cmp rdx, rcx
	jne .L3
	test rax, rax
	je .L0
.L2:
	lea rcx, [rdi + 8*rcx]
	xor edx, edx
.L4:
	mov rdi, qword ptr [rsi + 8*rdx]
	mov qword ptr [rcx + 8*rdx], rdi
	inc rdx
	cmp rax, rdx
	jne .L4
.L0:
	ret

uc_copy_out:
	push rbx
	sub rsp, 48
	mov r8, rcx
	mov rbx, rdi
	mov rcx, qword ptr [rsi + 8]
	cmp rcx, r8
	jne .L0
	shl r8, 3
	cmp byte ptr [rsi + 16], 2
	mov rsi, qword ptr [rsi]
	jae .L1
	mov edi, 4
	mov rcx, r8
	call qword ptr [rip + _ZN8iokit_uc6memory6shared4bulk10read_wordsE@GOTPCREL]
	jmp .L2
.L1:
	mov rdi, rsi
	mov rsi, rdx
	mov rdx, r8
	call _ZN8iokit_uc4arch7machine4bulk4copyE
.L2:
	mov dword ptr [rbx], 6
	mov rax, rbx
	add rsp, 48
	pop rbx
	ret
.L0:
	lea rsi, [rip + data]
	lea rdi, [rsp + 8]
	mov edx, 26
	call qword ptr [rip + _ZN8iokit_uc6memory6shared5error17different_lengthsE@GOTPCREL]
	mov rax, qword ptr [rsp + 40]
	mov qword ptr [rbx + 32], rax
	movups xmm0, xmmword ptr [rsp + 8]
	movups xmm1, xmmword ptr [rsp + 24]
	movups xmmword ptr [rbx + 16], xmm1
	movups xmmword ptr [rbx], xmm0
	mov rax, rbx
	add rsp, 48
	pop rbx
	ret

raw_copy_out:
	test rdx, rdx
	je .L0
	dec rdx
	movabs rcx, 2305843009213693951
	and rcx, rdx
	lea rdx, [rcx + 1]
	mov eax, edx
	and eax, 7
	cmp rcx, 7
	jae .L1
	xor ecx, ecx
	jmp .L2
.L1:
	and rdx, -8
	xor ecx, ecx
.L3:
	mov r8, qword ptr [rdi + 8*rcx]
	mov qword ptr [rsi], r8
	mov r8, qword ptr [rdi + 8*rcx + 8]
	mov qword ptr [rsi + 8], r8
	mov r8, qword ptr [rdi + 8*rcx + 16]
	mov qword ptr [rsi + 16], r8
	mov r8, qword ptr [rdi + 8*rcx + 24]
	mov qword ptr [rsi + 24], r8
	mov r8, qword ptr [rdi + 8*rcx + 32]
	mov qword ptr [rsi + 32], r8
	mov r8, qword ptr [rdi + 8*rcx + 40]
	mov qword ptr [rsi + 40], r8
	mov r8, qword ptr [rdi + 8*rcx + 48]
	mov qword ptr [rsi + 48], r8
	mov r8, qword ptr [rdi + 8*rcx + 56]
	add rcx, 8
	mov qword ptr [rsi + 56], r8
	add rsi, 64
	cmp rdx, rcx
	jne .L3
	test rax, rax
	je .L0
.L2:
	lea rcx, [rdi + 8*rcx]
	xor edx, edx
.L4:
	mov rdi, qword ptr [rcx + 8*rdx]
	mov qword ptr [rsi + 8*rdx], rdi
	inc rdx
	cmp rax, rdx
	jne .L4
.L0:
	ret

uc_fill:
	cmp byte ptr [rdi + 16], 1
	mov rdx, qword ptr [rdi]
	mov r8, qword ptr [rdi + 8]
	ja .L0
	test r8, r8
	je .L1
	mov eax, r8d
	and eax, 3
	cmp r8, 4
	jae .L2
	xor ecx, ecx
	jmp .L3
.L0:
	lea r11, [8*r8]
	test r11, r11
	je .L1
	cmp r11, 8
	jne .L4
	mov qword ptr [rdx], rsi ; asm
	mov qword ptr [rdx], rsi ; asm
	ret
.L4:
	lea r9, [r11 - 16]
	cmp r9, 17
	jae .L5
	mov qword ptr [rdx], rsi ; asm
	mov qword ptr [rdx + 8], rsi ; asm
	lea rax, [rdx + r11]
	add rax, -16
	mov qword ptr [rax], rsi ; asm
	mov qword ptr [rax + 8], rsi ; asm
	ret
.L2:
	and r8, -4
	xor ecx, ecx
.L6:
	mov qword ptr [rdx + 8*rcx], rsi
	mov qword ptr [rdx + 8*rcx + 8], rsi
	mov qword ptr [rdx + 8*rcx + 16], rsi
	mov qword ptr [rdx + 8*rcx + 24], rsi
	add rcx, 4
	cmp r8, rcx
	jne .L6
	test rax, rax
	je .L1
.L3:
	lea rcx, [rdx + 8*rcx]
	xor edx, edx
.L7:
	mov qword ptr [rcx + 8*rdx], rsi
	inc rdx
	cmp rax, rdx
	jne .L7
.L1:
	ret
.L5:
	mov r10, r11
	and r10, -64
	je .L8
	cmp r11, 4096
	jae .L9
	lea rax, [rdx + r10]
	mov rcx, rdx
	movq xmm0, rsi ; asm
	punpcklqdq xmm0, xmm0 ; asm
.L10:
	movups xmmword ptr [rcx], xmm0 ; asm
	movups xmmword ptr [rcx + 16], xmm0 ; asm
	movups xmmword ptr [rcx + 32], xmm0 ; asm
	movups xmmword ptr [rcx + 48], xmm0 ; asm
	add rcx, 64 ; asm
	cmp rcx, rax ; asm
	jne .L10 ; asm
	jmp .L8
.L9:
	mov rcx, r10
	shr rcx, 3
	mov rax, rsi
	mov rdi, rdx
	rep stosq qword ptr es:[rdi], rax ; asm
.L8:
	cmp r10, r11
	je .L1
	mov rax, r9
	sub rax, r10
	jbe .L11
	shr rax, 4
	and r8d, 1
	add r8, rax
	add r10, rdx
.L12:
	mov qword ptr [r10], rsi ; asm
	mov qword ptr [r10 + 8], rsi ; asm
	add r10, 16
	dec r8
	jne .L12
.L11:
	add rdx, r9
	mov qword ptr [rdx], rsi ; asm
	mov qword ptr [rdx + 8], rsi ; asm
	ret

raw_fill:
	test rsi, rsi
	je .L0
	mov eax, esi
	and eax, 7
	cmp rsi, 8
	jae .L1
	xor ecx, ecx
	jmp .L2
.L1:
	and rsi, -8
	xor ecx, ecx
.L3:
	mov qword ptr [rdi + 8*rcx], rdx
	mov qword ptr [rdi + 8*rcx + 8], rdx
	mov qword ptr [rdi + 8*rcx + 16], rdx
	mov qword ptr [rdi + 8*rcx + 24], rdx
	mov qword ptr [rdi + 8*rcx + 32], rdx
	mov qword ptr [rdi + 8*rcx + 40], rdx
	mov qword ptr [rdi + 8*rcx + 48], rdx
	mov qword ptr [rdi + 8*rcx + 56], rdx
	add rcx, 8
	cmp rsi, rcx
	jne .L3
	test rax, rax
	je .L0
.L2:
	lea rcx, [rdi + 8*rcx]
	xor esi, esi
.L4:
	mov qword ptr [rcx + 8*rsi], rdx
	inc rsi
	cmp rax, rsi
	jne .L4
.L0:
	ret

uc_index:
	cmp rsi, 15
	ja .L0
	mov edx, dword ptr [rdi + 4*rsi + 16]
	mov eax, 1
	ret
.L0:
	xor eax, eax
	ret

raw_index:
	cmp rsi, 15
	jbe .L0
	xor eax, eax
	ret
.L0:
	mov edx, dword ptr [rdi + 4*rsi + 16]
	mov eax, 1
	ret

uc_modify:
	or dword ptr [rdi + 8], 16
	ret

raw_modify:
	or dword ptr [rdi + 8], 16
	ret

uc_modify_far:
	inc qword ptr [rdi + 32848]
	ret

raw_modify_far:
	inc qword ptr [rdi + 32848]
	ret

uc_poll:
	mov eax, -1
.L0:
	mov ecx, dword ptr [rdi + 4]
	inc eax
	test cl, 1
	jne .L0
	ret

raw_poll:
	mov eax, -1
.L0:
	mov ecx, dword ptr [rdi + 4]
	inc eax
	test cl, 1
	jne .L0
	ret

uc_read:
	mov eax, dword ptr [rdi + 4]
	ret

raw_read:
	mov eax, dword ptr [rdi + 4]
	ret

uc_read_with_effect:
	movzx eax, byte ptr [rdi]
	ret

raw_read_with_effect:
	movzx eax, byte ptr [rdi]
	ret

uc_write:
	mov word ptr [rdi + 12], si
	ret

raw_write:
	mov word ptr [rdi + 12], si
	ret

uc_write_zero:
	mov word ptr [rdi + 12], 0
	ret

raw_write_zero:
	mov word ptr [rdi + 12], 0
	ret
