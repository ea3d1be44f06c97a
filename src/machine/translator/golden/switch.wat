;; a jump through a table, and a call through a register
;; block 0, then {"kind":"branch","target":36,"next":8}
;;   0 addi x5,x0,4
;;   4 bgeu x10,x5,24
;; block 8, then {"kind":"branch","target":28,"next":24}
;;   8 slli x10,x10,0x3
;;   12 add x11,x11,x10
;;   16 ld x11,0(x11)
;;   20 beq x11,x0,1c
;; block 36, then {"kind":"return"}
;;   36 jalr x0,0(x1)
;; block 24, then {"kind":"indirect"}
;;   24 jalr x0,0(x11)
;; block 28, then {"kind":"call","next":32}
;;   28 jalr x1,0(x12)
;; block 32, then {"kind":"next","next":36}
;;   32 addi x10,x0,0
(func e0 (param pc fuel depth) (result pc fuel)
  local.get fuel
  i32.const 7
  i32.lt_u
  if
    local.get pc
    i64.const 1
    i64.or
    local.get fuel
    return
  end
  local.get pc
  i64.const 0
  i64.add
  local.set base
  i32.const 0
  i64.load x1
  local.set x1
  i32.const 0
  i64.load x10
  local.set x10
  i32.const 0
  i64.load x11
  local.set x11
  i32.const 0
  i64.load x12
  local.set x12
  block
    block
      local.get fuel
      i32.const 2
      i32.sub
      local.set fuel
      i64.const 4
      local.set x5
      local.get x10
      local.get x5
      i64.ge_u
      br_if 0
      local.get fuel
      i32.const 4
      i32.sub
      local.set fuel
      local.get x10
      i64.const 3
      i64.shl
      local.set x10
      local.get x11
      local.get x10
      i64.add
      local.set x11
      local.get x11
      local.tee va
      local.get va
      i32.wrap_i64
      i32.const 8
      i32.shr_u
      i32.const 16368
      i32.and
      local.tee entry
      i64.load TLB_READ
      i64.add
      local.tee within
      i64.const 4088
      i64.gt_u
      if
        local.get va
        i32.const 512
        call touch
        i32.eqz
        if
          i32.const 32773
          local.set place
          i32.const 3104
          local.set maskX
          br 3
        end
        local.get va
        i64.const 4095
        i64.and
        local.set within
      end
      local.get within
      i32.wrap_i64
      local.get entry
      i32.load TLB_READ+8
      i32.add
      i64.load
      local.set x11
      local.get x11
      i64.eqz
      if
        local.get fuel
        i32.const 1
        i32.sub
        local.set fuel
        local.get x12
        i64.const -2
        i64.and
        local.set va
        local.get base
        i64.const 32
        i64.add
        local.set x1
        i32.const 0
        local.get x1
        i64.store x1
        i32.const 0
        local.get x5
        i64.store x5
        i32.const 0
        local.get x10
        i64.store x10
        i32.const 0
        local.get x11
        i64.store x11
        local.get depth
        i32.eqz
        if
          local.get va
          local.get fuel
          return
        end
        local.get va
        i32.wrap_i64
        local.get va
        i32.wrap_i64
        i32.const 11
        i32.shr_u
        i32.xor
        i32.const 3
        i32.shl
        i32.const 32752
        i32.and
        i32.const 0
        i32.load FILE_JUMPS
        i32.add
        local.tee entry
        i64.load
        local.get va
        i64.ne
        if
          local.get va
          local.get entry
          call beside
          local.tee entry
          i32.eqz
          if
            local.get va
            local.get fuel
            return
          end
        end
        local.get va
        local.get fuel
        local.get depth
        i32.const 1
        i32.sub
        local.get entry
        i32.load +8
        call_indirect
        local.set fuel
        local.tee va
        local.get base
        i64.const 32
        i64.add
        i64.ne
        local.get fuel
        i32.const 2
        i32.lt_u
        i32.or
        if
          local.get va
          local.get fuel
          return
        end
        i32.const 0
        i64.load x1
        local.set x1
        i32.const 0
        i64.load x5
        local.set x5
        local.get fuel
        i32.const 1
        i32.sub
        local.set fuel
        i64.const 0
        local.set x10
        br 1
      end
      local.get fuel
      i32.const 1
      i32.sub
      local.set fuel
      local.get x11
      i64.const -2
      i64.and
      local.set va
      i32.const 0
      local.get x5
      i64.store x5
      i32.const 0
      local.get x10
      i64.store x10
      i32.const 0
      local.get x11
      i64.store x11
      local.get va
      i32.wrap_i64
      local.get va
      i32.wrap_i64
      i32.const 11
      i32.shr_u
      i32.xor
      i32.const 3
      i32.shl
      i32.const 32752
      i32.and
      i32.const 0
      i32.load FILE_JUMPS
      i32.add
      local.tee entry
      i64.load
      local.get va
      i64.ne
      if
        local.get va
        local.get entry
        call beside
        local.tee entry
        i32.eqz
        if
          local.get va
          local.get fuel
          return
        end
      end
      local.get va
      local.get fuel
      local.get depth
      local.get entry
      i32.load +8
      return_call_indirect
    end
    local.get fuel
    i32.const 1
    i32.sub
    local.set fuel
    local.get x1
    i64.const -2
    i64.and
    local.set va
    i32.const 0
    local.get x5
    i64.store x5
    i32.const 0
    local.get x10
    i64.store x10
    local.get va
    local.get fuel
    return
    unreachable
  end
  local.get maskX
  i32.const 2
  i32.and
  if
    i32.const 0
    local.get x1
    i64.store x1
  end
  local.get maskX
  i32.const 32
  i32.and
  if
    i32.const 0
    local.get x5
    i64.store x5
  end
  local.get maskX
  i32.const 1024
  i32.and
  if
    i32.const 0
    local.get x10
    i64.store x10
  end
  local.get maskX
  i32.const 2048
  i32.and
  if
    i32.const 0
    local.get x11
    i64.store x11
  end
  local.get fuel
  local.get place
  i32.const 1
  i32.shr_u
  i32.const 1023
  i32.and
  i32.add
  local.set fuel
  local.get base
  local.get place
  i32.const 11
  i32.shr_s
  i64.extend_i32_s
  i64.add
  local.set va
  local.get place
  i32.const 1
  i32.and
  if
    local.get va
    i64.const 1
    i64.or
    local.get fuel
    return
  end
  local.get va
  i32.wrap_i64
  local.get va
  i32.wrap_i64
  i32.const 11
  i32.shr_u
  i32.xor
  i32.const 3
  i32.shl
  i32.const 32752
  i32.and
  i32.const 0
  i32.load FILE_JUMPS
  i32.add
  local.tee entry
  i64.load
  local.get va
  i64.ne
  if
    local.get va
    local.get entry
    call beside
    local.tee entry
    i32.eqz
    if
      local.get va
      local.get fuel
      return
    end
  end
  local.get va
  local.get fuel
  local.get depth
  local.get entry
  i32.load +8
  return_call_indirect
)
