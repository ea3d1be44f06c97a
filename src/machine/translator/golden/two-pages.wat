;; a loop over the border of two pages
;; block 4088, then {"kind":"branch","target":4088,"next":4104}
;;   4088 addi x10,x10,3
;;   4092 sw x10,4(x11)
;;   4096 addi x12,x12,-1
;;   4100 bne x12,x0,ff8
;; block 4104, then {"kind":"return"}
;;   4104 jalr x0,0(x1)
(func e0 (param pc fuel depth) (result pc fuel)
  local.get fuel
  i32.const 5
  i32.lt_u
  if
    local.get pc
    i64.const 1
    i64.or
    local.get fuel
    return
  end
  local.get pc
  i64.const -4088
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
    loop
      local.get fuel
      i32.const 5
      i32.lt_u
      if
        i32.const 8372225
        local.set place
        i32.const 5120
        local.set maskX
        br 2
      end
      local.get fuel
      i32.const 4
      i32.sub
      local.set fuel
      local.get x10
      i64.const 3
      i64.add
      local.set x10
      local.get x11
      i64.const 4
      i64.add
      local.tee va
      local.get va
      i32.wrap_i64
      i32.const 8
      i32.shr_u
      i32.const 16368
      i32.and
      local.tee entry
      i64.load TLB_WRITE
      i64.add
      local.tee within
      i64.const 4092
      i64.gt_u
      if
        local.get va
        i32.const 272
        call touch
        i32.eqz
        if
          i32.const 8380423
          local.set place
          i32.const 5120
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
      i32.load TLB_WRITE+8
      i32.add
      local.get x10
      i64.store32
      local.get x12
      i64.const -1
      i64.add
      local.set x12
      local.get x12
      i64.const 0
      i64.ne
      br_if 0
      local.get fuel
      i32.const 1
      i32.sub
      local.set fuel
      local.get x1
      i64.const -2
      i64.and
      local.set va
      i32.const 0
      local.get x10
      i64.store x10
      i32.const 0
      local.get x12
      i64.store x12
      local.get va
      local.get fuel
      return
    end
    unreachable
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
  i32.const 4096
  i32.and
  if
    i32.const 0
    local.get x12
    i64.store x12
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
